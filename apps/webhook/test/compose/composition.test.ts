import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import type { LogFields, Logger } from "@pod-secrets/core";

import { composeFile, type ComposedFile } from "../../src/compose/from-file.ts";
import { createConfigFolder } from "../config/config-folder.ts";
import { pluginSource } from "./plugin-folder.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

async function composed(text: string, log: Logger = silent): Promise<Extract<ComposedFile, { ok: true }>> {
  const result = await composeFile(createConfigFolder().write("config.yaml", text), log);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return result;
}

describe("a composition", () => {
  it("asks global secrets first, then the managers in the order of the file", async () => {
    const { composition } = await composed("managers: [{ use: aws }, { use: k8s }, { use: vault-kv2 }]");

    expect(composition.settings.injectors.map(({ name }) => name)).toEqual(["global", "aws", "k8s", "vault-kv2"]);
    expect(composition.injectors.map(({ name, builtIn }) => [name, builtIn])).toEqual([
      ["global", true],
      ["aws", true],
      ["k8s", true],
      ["vault-kv2", true],
    ]);
    await composition.dispose();
  });

  it("asks no global secrets with `global: false`", async () => {
    const { composition } = await composed("global: false");

    expect(composition.settings.injectors.map(({ name }) => name)).toEqual(["k8s"]);
    await composition.dispose();
  });

  it.each([
    ["profile: flyte-v1", "flyte-v1", "_FSEC_", "/etc/flyte/secrets", "deny"],
    ["profile: flyte-v2", "flyte-v2", "_UNION_", "/etc/flyte/secrets", "deny"],
    ["envPrefix: _X_\nmountRoot: /run/s\nonFailure: admit", "flyte-v1", "_X_", "/run/s", "admit"],
  ])("has the names of its config: %j", async (text, profile, envPrefix, mountRoot, onFailure) => {
    const { composition } = await composed(text);

    expect(composition.settings).toMatchObject({
      profile: { name: profile },
      naming: { envPrefix, mountRoot },
      onFailure,
    });
    await composition.dispose();
  });

  it("is independent of any other", async () => {
    const [one, other] = await Promise.all([composed("envPrefix: _ONE_"), composed("envPrefix: _OTHER_")]);

    expect(one.composition.settings.naming.envPrefix).toBe("_ONE_");
    expect(other.composition.settings.naming.envPrefix).toBe("_OTHER_");
    await one.composition.dispose();
    expect(other.composition.settings.injectors).toHaveLength(2);
    await other.composition.dispose();
  });
});

/** A plugin that writes its life into the log of its host. */
function chatty(name: string, dispose = "() => { host.log.info(`disposed ${options.name}`); }"): string {
  const create = `(options, host) => {
    host.log.info("created ${name}");
    host.signal.addEventListener("abort", () => host.log.info("aborted ${name}"));
    return { name: "${name}", inject: () => ({ outcome: "skipped", reason: "x" }), dispose: ${dispose.replaceAll("${options.name}", name)} };
  }`;
  return pluginSource({ name: JSON.stringify(name), create });
}

function recording(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string, fields?: LogFields): void => {
    lines.push([message, ...Object.values(fields ?? {})].join(" "));
  };
  return { lines, log: { debug: write, info: write, warn: write, error: write } };
}

describe("the life of an injector", () => {
  it("ends with its composition: aborted, then disposed of, the last one first", async () => {
    const folder = createConfigFolder();
    folder.write("a.mjs", chatty("a"));
    folder.write("b.mjs", chatty("b"));
    const { log, lines } = recording();
    const result = await composeFile(
      folder.write("c.yaml", "global: false\nmanagers: [{ use: ./a.mjs }, { use: ./b.mjs }]"),
      log,
    );
    if (!result.ok) throw new Error("it must be good");
    await result.composition.dispose();

    expect(lines.slice(0, 2).toSorted()).toEqual(["created a", "created b"]);
    expect(lines.slice(2)).toEqual(["aborted b", "disposed b", "aborted a", "disposed a"]);
  });

  it("ends all the same when another one fails to stop; that is logged without the text of its error", async () => {
    const folder = createConfigFolder();
    folder.write("a.mjs", chatty("a"));
    folder.write("b.mjs", chatty("b", '() => { throw new TypeError("hunter2"); }'));
    const { log, lines } = recording();
    const result = await composeFile(folder.write("c.yaml", "managers: [{ use: ./a.mjs }, { use: ./b.mjs }]"), log);
    if (!result.ok) throw new Error("it must be good");
    await result.composition.dispose();

    expect(lines).toContain("an injector failed to stop b TypeError");
    expect(lines.at(-1)).toBe("disposed a");
    expect(lines.join()).not.toContain("hunter2");
  });

  it("ends at once when another one cannot be created", async () => {
    const folder = createConfigFolder();
    folder.write("a.mjs", chatty("a"));
    folder.write("b.mjs", pluginSource({ name: '"b"', create: '() => { throw new RangeError("hunter2"); }' }));
    const { log, lines } = recording();
    const result = await composeFile(folder.write("c.yaml", "managers:\n  - use: ./a.mjs\n  - use: ./b.mjs\n"), log);

    expect(result).toMatchObject({
      ok: false,
      problems: [
        { line: 3, code: "E_CONFIG_PLUGIN_START", message: "manager b could not start: it failed with RangeError" },
      ],
    });
    expect(lines).toEqual(["created a", "aborted a", "disposed a"]);
  });

  it.each([
    ["nothing", "() => undefined", "created no injector"],
    ["another name", '() => ({ name: "k8s", inject() {} })', "created an injector of another name"],
    ["no inject", '() => ({ name: "acme" })', "created an injector without `inject`"],
    [
      "a dispose that is none",
      '() => ({ name: "acme", inject() {}, dispose: 1 })',
      "created an injector whose `dispose`",
    ],
  ])("does not begin when `create` gives %s", async (_, create, message) => {
    const folder = createConfigFolder();
    folder.write("acme.mjs", pluginSource({ create }));
    const result = await composeFile(folder.write("c.yaml", "managers: [{ use: ./acme.mjs }]"), silent);

    expect(result).toMatchObject({
      ok: false,
      problems: [{ code: "E_CONFIG_PLUGIN_SHAPE", message: expect.stringContaining(message) }],
    });
  });

  it("may end at its beginning with an error for the reader, which is shown", async () => {
    const folder = createConfigFolder();
    const brand =
      'Object.assign(new Error("directory \\"/x\\" is a file"), { code: "acme/directory", fix: "Name a directory." })';
    const create = `() => { const error = ${brand}; Object.defineProperty(error, Symbol.for("@pod-secrets/secret-error"), { value: true }); throw error; }`;
    folder.write("acme.mjs", pluginSource({ create }));
    const result = await composeFile(folder.write("c.yaml", "managers: [{ use: ./acme.mjs }]"), silent);

    expect(result).toMatchObject({
      ok: false,
      problems: [{ message: 'manager acme could not start: directory "/x" is a file', fix: "Name a directory." }],
    });
  });
});

describe("a plugin that never answers", () => {
  /** Makes time stand still for limits; files are read all the same. */
  function stopTime(): void {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
  }
  const never = "() => new Promise(() => {})";
  /** Waits for ever, and says so with a file. */
  const WAIT = 'new Promise(() => writeFile(new URL("waiting", import.meta.url), "", () => {}))';

  it("in `create` is not waited for, is told so, and the others are disposed of", async () => {
    stopTime();
    const folder = createConfigFolder();
    folder.write("a.mjs", chatty("a"));
    const create = `(_, host) => {
      host.log.info("creating b");
      host.signal.addEventListener("abort", () => host.log.info("aborted b"));
      return new Promise(() => {});
    }`;
    folder.write("b.mjs", pluginSource({ name: '"b"', create }));
    const { log, lines } = recording();
    const composing = composeFile(folder.write("c.yaml", "managers:\n  - use: ./a.mjs\n  - use: ./b.mjs\n"), log);
    await expect.poll(() => lines).toContain("creating b");
    await vi.advanceTimersByTimeAsync(30_000);

    expect(await composing).toMatchObject({
      ok: false,
      problems: [
        {
          line: 3,
          code: "E_CONFIG_PLUGIN_START",
          message: "manager b could not start: no answer within 30 s",
          fix: expect.stringMatching(/\.$/),
        },
      ],
    });
    expect(lines.toSorted()).toEqual(["aborted a", "aborted b", "created a", "creating b", "disposed a"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("in `create` until nobody waits any more has its injector disposed of at once", async () => {
    stopTime();
    const folder = createConfigFolder();
    const create = `(_, { log, signal }) => new Promise((resolve) => {
      log.info("creating");
      signal.addEventListener("abort", () => resolve({ name: "acme", inject() {}, dispose: () => log.info("disposed") }));
    })`;
    folder.write("acme.mjs", pluginSource({ create }));
    const { log, lines } = recording();
    const composing = composeFile(folder.write("c.yaml", "managers: [{ use: ./acme.mjs }]"), log);
    await expect.poll(() => lines).toContain("creating");
    await vi.advanceTimersByTimeAsync(30_000);

    expect(await composing).toMatchObject({ ok: false, problems: [{ code: "E_CONFIG_PLUGIN_START" }] });
    await expect.poll(() => lines).toEqual(["creating", "disposed"]);
  });

  it.each([
    [
      "in the check of its options",
      pluginSource({ options: `{ "~standard": { version: 1, vendor: "acme", validate: () => ${WAIT} } }` }),
      "E_CONFIG_OPTION",
      'the schema of manager "acme" gave no answer within 30 s',
    ],
    [
      "while it is loaded",
      `await ${WAIT};\n${pluginSource()}`,
      "E_CONFIG_PLUGIN_LOAD",
      'loading "./acme.mjs" gave no answer within 30 s',
    ],
  ])("%s is a finding", async (_, source, code, message) => {
    stopTime();
    const folder = createConfigFolder();
    folder.write("acme.mjs", `import { writeFile } from "node:fs";\n${source}`);
    const composing = composeFile(folder.write("c.yaml", "managers: [{ use: ./acme.mjs }]"), silent);
    await expect.poll(() => existsSync(join(folder.path, "waiting"))).toBe(true);
    await vi.advanceTimersByTimeAsync(30_000);

    expect(await composing).toMatchObject({ ok: false, problems: [{ line: 1, column: 19, code, message }] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("in `dispose` is not waited for, and the others are disposed of", async () => {
    const folder = createConfigFolder();
    folder.write("a.mjs", chatty("a"));
    folder.write("b.mjs", chatty("b", never));
    const { log, lines } = recording();
    const result = await composeFile(folder.write("c.yaml", "managers: [{ use: ./a.mjs }, { use: ./b.mjs }]"), log);
    if (!result.ok) throw new Error("it must be good");
    stopTime();
    const disposing = result.composition.dispose();
    await vi.advanceTimersByTimeAsync(2000);
    await disposing;

    expect(lines).toContain("an injector failed to stop b NoAnswer");
    expect(lines.at(-1)).toBe("disposed a");
    expect(vi.getTimerCount()).toBe(0);
  });
});
