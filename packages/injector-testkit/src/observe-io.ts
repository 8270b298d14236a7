/**
 * Watches what code does beyond computing: files, network, processes, timers, environment, random numbers,
 * console. Two nets, since neither sees everything: the functions of Node's modules and the globals are
 * wrapped, and `async_hooks` reports what was started in the event loop.
 *
 * What slips through both: synchronous I/O by a function that was taken out of its module before
 * (`const { readFileSync } = fs` at load time), and native add-ons.
 */
import { AsyncLocalStorage, createHook } from "node:async_hooks";
import childProcess from "node:child_process";
import crypto from "node:crypto";
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import tls from "node:tls";
import workerThreads from "node:worker_threads";

/** What some work gave back, and what it touched meanwhile: `fs.readFileSync`, `process.env.HOME`. */
export interface Observed<T> {
  readonly result: T;
  readonly touched: readonly string[];
}

type Report = (what: string) => void;
type Undo = () => void;

/**
 * Runs `work` and reports what it touched. Everything still works as usual, and what other code does meanwhile
 * is not reported. The wrappers are gone when the promise settles.
 */
export async function observeIo<T>(work: () => T | Promise<T>): Promise<Observed<T>> {
  const inside = new AsyncLocalStorage<true>();
  const touched = new Set<string>();
  const report: Report = (what) => {
    if (inside.getStore() === true) touched.add(what);
  };
  const undo = [...wrapModules(report), ...wrapGlobals(report), wrapEnvironment(report)];
  syncBuiltinESMExports();
  const hook = createHook({
    init: (_, type) => {
      if (!COMPUTING.has(type)) report(`a ${type}`);
    },
  }).enable();
  try {
    const result = await inside.run(true, work);
    return { result, touched: [...touched] };
  } finally {
    hook.disable();
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  }
}

/** Resources of the event loop that belong to promises. */
const COMPUTING: ReadonlySet<string> = new Set(["PROMISE", "TickObject", "Microtask"]);

function wrapModules(report: Report): readonly Undo[] {
  const everything = { fs, "fs.promises": fs.promises, net, tls, http, https, http2, dgram, dns, timers };
  const more = { "dns.promises": dns.promises, "timers/promises": timersPromises, child_process: childProcess };
  const modules = Object.entries({ ...everything, ...more });
  return [
    ...modules.flatMap(([label, module]) => wrapFunctions(module, label, report)),
    ...wrapFunctions(workerThreads, "worker_threads", report, (name) => name === "Worker"),
    ...wrapFunctions(crypto, "crypto", report, (name) => /^random|^generate|^getRandom/.test(name)),
  ];
}

function wrapGlobals(report: Report): readonly Undo[] {
  const globals = new Set(["fetch", "setTimeout", "setInterval", "setImmediate", "WebSocket", "EventSource"]);
  return [
    ...wrapFunctions(globalThis, "globalThis", report, (name) => globals.has(name)),
    ...wrapFunctions(Math, "Math", report, (name) => name === "random"),
    ...wrapFunctions(Object.getPrototypeOf(globalThis.crypto) as object, "crypto", report, (name) =>
      /^random|^getRandom/.test(name),
    ),
    ...wrapFunctions(console, "console", report),
    ...wrapFunctions(process.stdout, "process.stdout", report, (name) => name === "write"),
    ...wrapFunctions(process.stderr, "process.stderr", report, (name) => name === "write"),
  ];
}

function wrapEnvironment(report: Report): Undo {
  const environment = process.env;
  const reading = (name: PropertyKey): void => report(`process.env.${String(name)}`);
  process.env = new Proxy(environment, {
    get: (target, name) => (reading(name), Reflect.get(target, name)),
    has: (target, name) => (reading(name), Reflect.has(target, name)),
    ownKeys: (target) => (reading("*"), Reflect.ownKeys(target)),
    set: (target, name, value) => (reading(name), Reflect.set(target, name, value)),
  });
  return () => {
    process.env = environment;
  };
}

/** Replaces functions and classes of an object by ones that report and then do the same. */
function wrapFunctions(
  owner: object,
  label: string,
  report: Report,
  matters: (name: string) => boolean = () => true,
): readonly Undo[] {
  return Object.keys(Object.getOwnPropertyDescriptors(owner)).flatMap((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    const original: unknown = descriptor?.value;
    if (typeof original !== "function" || descriptor?.configurable !== true || !matters(name)) return [];
    Object.defineProperty(owner, name, { ...descriptor, value: reporting(original, `${label}.${name}`, report) });
    return [() => Object.defineProperty(owner, name, descriptor)];
  });
}

function reporting(original: object, what: string, report: Report): unknown {
  return new Proxy(original as () => unknown, {
    apply: (target, thisArgument, parameters: unknown[]) => {
      report(what);
      return Reflect.apply(target, thisArgument, parameters);
    },
    construct: (target, parameters: unknown[], newTarget) => {
      report(what);
      return Reflect.construct(target, parameters, newTarget as () => unknown) as object;
    },
  });
}
