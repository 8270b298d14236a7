/**
 * Values of global secrets stand in the patch of the pod that asks for them, and nowhere else: no answer, log, metric,
 * probe, span or Event of `serve` has them, and no command but in the pods that `inject` writes.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { encodeRequests, type Pod, type SecretAsk } from "@pod-secrets/core";
import { testPod } from "@pod-secrets/injector-testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";

import { builtCommand, runBuilt } from "../cli/built-command.ts";
import { pluginSource } from "../compose/plugin-folder.ts";
import { json, kubeconfigFile, kubeconfigOf, startDouble } from "../kubernetes/api-double.ts";
import { reviewOf } from "../server/reviews.ts";
import { startReceiver } from "../telemetry/traces/otlp-receiver.ts";
import { leaksIn } from "./canaries.ts";
import {
  CANARIES,
  FROM_ENV,
  USABLE,
  canaryFolder,
  configText,
  serveCanaries,
  type CanaryWebhook,
} from "./canary-webhook.ts";

const command = builtCommand();

/** Source of a plugin that has the text of every canary in `values`. */
function pluginWith(name: string, create: string, more: Readonly<Record<string, string>> = {}): string {
  const values = JSON.stringify(CANARIES.flatMap(({ value, cores }) => [value.toString().slice(0, 1000), ...cores]));
  return `const values = ${values};\n${pluginSource({ name: `"${name}"`, create, ...more })}`;
}

const THROWING = pluginWith(
  "throwing",
  `() => ({
    name: "throwing",
    inject(pod, { key }) {
      const text = values.join();
      const error = Object.assign(new Error(text, { cause: text }), { code: text, values });
      if (key === "error") throw error;
      if (key === "text") throw text;
      if (key === "later") return Promise.reject(error);
      if (key === "class") throw new ({ [text]: class extends Error {} })[text]();
      if (key === "stray") setTimeout(() => Promise.reject(error), 1);
      if (key === "pod") return { outcome: "injected", pod: { ...pod, status: text, spec: text } };
      return { outcome: "skipped", reason: "not mine" };
    },
    dispose() { throw error; },
  })`,
);
const THROWS = ["error", "text", "later", "class", "pod"];

const FILES = {
  "throwing.mjs": THROWING,
  "unmade.mjs": pluginWith("unmade", "() => { throw new Error(values.join()); }"),
  "unread.mjs": pluginWith("unread", "() => ({})", {
    options: '{ "~standard": { version: 1, vendor: "x", validate: () => { throw new Error(values.join()); } } }',
  }),
  "unloaded.mjs": `throw new Error(${JSON.stringify(CANARIES[0]?.cores[0])});`,
};

const groupOf = (name: string): string => (FROM_ENV.some((entry) => entry.name === name) ? "env" : "file");
const ask = (name: string, more: SecretAsk = {}): SecretAsk => ({ group: groupOf(name), key: name, ...more });

function podAsking(...asks: readonly SecretAsk[]): Pod {
  return testPod({}, { annotations: encodeRequests(asks) });
}

const NAMES = CANARIES.map(({ name }) => name);

/** Every canary in every way, alone and with others, given and refused. */
const PODS: readonly Pod[] = [
  ...NAMES.flatMap((name) => [
    podAsking(ask(name)),
    podAsking(ask(name, { mountRequirement: "ENV_VAR", envVar: "OWN" })),
    podAsking(ask(name, { mountRequirement: "FILE" })),
    podAsking(ask(name, { envVar: "LD_PRELOAD" })),
    podAsking(ask(name), { group: "" }, ask("binary"), ask("nul")),
    podAsking(ask("plain", { envVar: "SAME" }), ask(name, { envVar: "SAME" })),
  ]),
  podAsking(...USABLE.map((name) => ask(name))),
  ...THROWS.map((key) => podAsking(ask("plain"), { group: "Throwing Plugin", key })),
];

/** Its plugin fails in a timer. */
const STRAY = podAsking(ask("plain"), { group: "Throwing Plugin", key: "stray" });

const examples = join(import.meta.dirname, "../../../../examples/pods");
const EXAMPLES: readonly Pod[] = readdirSync(examples).map(
  (file) => parse(readFileSync(join(examples, file), "utf8")) as Pod,
);

/** The pod with a value in it: what the API server sends when it calls again. */
function podWithValue(value: string): Pod {
  const pod = podAsking(ask("plain", { envVar: "OWN" }));
  const containers = [
    {
      name: "main",
      image: "a",
      env: [
        { name: "OWN", value },
        { name: "_FSEC_ENV_PLAIN", value },
      ],
    },
  ];
  return { ...pod, spec: { containers } };
}

async function postBroken(webhook: CanaryWebhook): Promise<void> {
  const broken = CANARIES.filter(({ name }) => name !== "long").flatMap(({ value, cores: [core = ""] }) => {
    const review = reviewOf(podWithValue(value.toString()));
    const at = review.lastIndexOf(core);
    return [
      review,
      review.slice(0, at + 10),
      review.slice(0, at + core.length),
      `${review.slice(0, at + core.length)}"x${review.slice(at)}`,
      value,
      Buffer.concat([Buffer.from(review.slice(0, at)), value, Buffer.from(review.slice(at))]),
      JSON.stringify(core),
      reviewOf({ ...podWithValue(core), spec: { containers: [{ name: 1, env: [{ name: "A", value: core }] }] } }),
      reviewOf({ ...podWithValue(core), spec: { containers: { env: core } } }),
      reviewOf({ ...podWithValue(core), metadata: { annotations: { "flyte.secrets/s0": 1, a: core } } }),
      reviewOf([core]),
      reviewOf(podWithValue(core), {}, { request: core }),
    ];
  });
  for (const body of broken) {
    await webhook.post(body);
  }
  const review = reviewOf(podWithValue(USABLE.join()));
  await webhook.post(review, { headers: { "Content-Type": "text/plain" } });
  await webhook.post(review, { headers: { "Content-Type": "application/json; charset=latin1" } });
  await webhook.post(review, { headers: { "Content-Encoding": "gzip" } });
  await webhook.post(review, { path: "/elsewhere" });
  await webhook.post(review, { method: "PUT" });
  await webhook.post("x".repeat(8_000_000)).catch(() => {});
}

async function postAll(webhook: CanaryWebhook, pods: readonly Pod[]): Promise<string> {
  let patches = "";
  for (const pod of pods) {
    patches += await webhook.post(reviewOf(pod));
  }
  return patches;
}

describe("serve", () => {
  test("has the values in patches alone, whatever is posted and reloaded", { timeout: 120_000 }, async () => {
    const told = await startTold();
    const folder = canaryFolder("[{ use: ./throwing.mjs }, { use: k8s }]", FILES, told.config);
    const webhook = await serveCanaries(command().program, folder);
    const patches = await postAll(webhook, [...PODS.map(named), ...EXAMPLES]);
    await postBroken(webhook);
    const reloads = [
      "[{ use: ./unmade.mjs }]",
      "[{ use: ./unread.mjs }]",
      "[{ use: ./unloaded.mjs }]",
      "[{",
      "[{ use: k8s }]",
    ];
    for (const [at, managers] of reloads.entries()) {
      writeFileSync(folder.config, configText(folder.folder, managers, told.config));
      webhook.reload();
      const expected = at + 1;
      await expect.poll(() => reloadsIn(webhook.logged()), { timeout: 15_000 }).toBeGreaterThanOrEqual(expected);
    }
    await postAll(webhook, PODS.slice(0, 6));
    await expect.poll(() => told.events().length, { timeout: 20_000 }).toBeGreaterThan(20);
    const said = [await webhook.end(), ...told.spans(), ...told.events()].join("\n");

    for (const name of USABLE) {
      const [core = ""] = CANARIES.find((entry) => entry.name === name)?.cores ?? [];
      expect(patches).toContain(core);
    }
    expect(
      leaksIn(
        patches,
        CANARIES.filter(({ name }) => !USABLE.includes(name)),
      ),
    ).toEqual([]);
    for (const shown of [
      ...["admission refused", "E_INJECTOR_FAILED", "E_INJECTOR_RESULT", "E_ENV_VALUE", "pod_secrets_"],
      ...['"inject throwing"', "SecretsRefused"],
    ])
      expect(said).toContain(shown);
    expect(leaksIn(said, CANARIES)).toEqual([]);
  });
});

test("serve shows no value of an error that nobody waited for, and that ends it", { timeout: 60_000 }, async () => {
  const folder = canaryFolder("[{ use: ./throwing.mjs }, { use: k8s }]", FILES);
  const webhook = await serveCanaries(command().program, folder);
  await webhook.post(reviewOf(STRAY));
  const said = await webhook.ended();

  expect(said).toContain("the process will end");
  expect(leaksIn(said, CANARIES)).toEqual([]);
});

/** Each refused pod is an Event of its own. */
function named(pod: Pod, at: number): Pod {
  return { ...pod, metadata: { ...pod.metadata, name: `canary-${at}` } };
}

interface Told {
  /** Sections of the config that send spans and Events here. */
  readonly config: string;
  readonly spans: () => readonly string[];
  readonly events: () => readonly string[];
}

/** A collector and an API server that keep all that they are told. */
async function startTold(): Promise<Told> {
  const collector = await startReceiver();
  onTestFinished(() => collector[Symbol.asyncDispose]());
  const api = await startDouble(({ method, body }, response) =>
    json(response, method === "POST" ? 201 : 200, JSON.parse(body)),
  );
  const kubeconfig = kubeconfigFile(kubeconfigOf({ server: `https://127.0.0.1:${api.port}`, ca: api.ca }));
  const telemetry = { traces: { endpoint: collector.endpoint }, events: true };
  return {
    config: `telemetry: ${JSON.stringify(telemetry)}\nkubernetes: ${JSON.stringify({ kubeconfig })}\n`,
    spans: () => collector.requests.map(({ path, headers, body }) => [path, JSON.stringify(headers), body].join("\n")),
    events: () => api.asked.map(({ url, headers, body }) => [url.href, JSON.stringify(headers), body].join("\n")),
  };
}

/** Lines about a config that was taken up or not. */
function reloadsIn(logged: string): number {
  return logged.split("\n").filter((line) => /"message":"[^"]*config/i.test(line)).length;
}

describe("the command", () => {
  const pods = `${[...PODS, STRAY, ...EXAMPLES].map((pod) => JSON.stringify(pod)).join("\n")}\n`;

  test("inject writes the values into pods, and into nothing else", { timeout: 60_000 }, async () => {
    const { config, environment } = canaryFolder("[{ use: ./throwing.mjs }, { use: k8s }]", FILES);
    for (const format of ["yaml", "json", "patch", "diff"]) {
      const args = ["inject", "--config", config, "-o", format, "-"];
      const { exit, stdout, stderr } = await runBuilt(command().program, args, { stdin: pods, environment });
      expect(stdout).toContain(CANARIES[0]?.cores[0]);
      expect(stderr).toContain("E_INJECTOR_FAILED");
      // Of the plugin's timer, which nobody waits for.
      expect(stderr).toContain("E_INTERNAL: it failed with Error. Fix: ");
      expect(exit).toBe(70);
      expect(leaksIn(stderr, CANARIES)).toEqual([]);
    }
  });

  test.each([
    ["explain", ["explain", "-"]],
    ["validate", ["validate", "CONFIG"]],
    ["injectors", ["injectors"]],
    ["injectors with JSON", ["injectors", "--output", "json"]],
  ])("%s shows no value", { timeout: 60_000 }, async (_, [name = "", ...rest]) => {
    const { config, environment } = canaryFolder("[{ use: ./throwing.mjs }, { use: k8s }]", FILES);
    const args = name === "validate" ? [name, config] : [name, ...rest, "--config", config];
    const { stdout, stderr } = await runBuilt(command().program, args, { stdin: pods, environment });
    expect(stderr).not.toContain("E_USAGE");
    expect(`${stdout}${stderr}`).not.toBe("");
    expect(leaksIn(`${stdout}${stderr}`, CANARIES)).toEqual([]);
  });

  test.each(["unmade", "unread", "unloaded"])("says no value when plugin %s fails", async (plugin) => {
    const { config, environment } = canaryFolder(`[{ use: ./${plugin}.mjs }]`, FILES);
    for (const args of [
      ["validate", config],
      ["explain", "--config", config, "-"],
      ["serve", "--self-signed", "--port", "0", "--operations-port", "0", "--config", config],
    ]) {
      if (plugin === "unmade" && args[0] === "validate") continue;
      const { stdout, stderr } = await runBuilt(command().program, args, { stdin: pods, environment });
      expect(stderr + stdout).toContain("E_CONFIG_");
      expect(leaksIn(`${stdout}${stderr}`, CANARIES)).toEqual([]);
    }
  });
});

describe("the search", () => {
  test("finds what a leaking plugin logs, in every form", { timeout: 60_000 }, async () => {
    const leaking = pluginWith(
      "leaking",
      `(options, { log }) => ({
        name: "leaking",
        inject() {
          const value = values[1];
          const bytes = Buffer.from(value);
          log.info(value);
          log.debug("base64", { text: Buffer.from("x" + value + "y").toString("base64") });
          log.warn("hex", { text: bytes.toString("hex") });
          log.error("reversed", { text: [...value].reverse().join("") });
          log.info("bytes", { text: [...bytes].join() });
          log.info("url", { text: [...bytes].map((byte) => "%" + byte.toString(16)).join("") });
          return { outcome: "skipped", reason: values[3] };
        },
      })`,
    );
    const webhook = await serveCanaries(
      command().program,
      canaryFolder("[{ use: ./leaking.mjs }]", { "leaking.mjs": leaking }),
    );
    await webhook.post(reviewOf(podAsking({ group: "a", key: "b" })));
    expect(leaksIn(await webhook.end(), CANARIES)).toEqual(
      expect.arrayContaining([
        "plain as text",
        "plain as base64",
        "plain as hex",
        "plain as reversed text",
        "plain as list of bytes",
        "plain as URL encoding",
        // By the refusal.
        "quotes as text",
      ]),
    );
  });

  test.each(CANARIES)("finds the whole of $name, and does not find what is not there", ({ name, value }) => {
    expect(leaksIn(`x${value.toString()}x`, CANARIES)).toContain(`${name} as text`);
    expect(leaksIn("no value", CANARIES)).toEqual([]);
  });
});
