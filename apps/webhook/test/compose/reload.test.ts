import { describe, expect, it, onTestFinished, vi } from "vitest";

import {
  addEnv,
  encodeRequests,
  envPrefixVar,
  injected,
  mutatePod,
  type InjectionContext,
  type Mutation,
  type MutationSettings,
  type Pod,
} from "@pod-secrets/core";

import type { Composition } from "../../src/compose/composition.ts";
import { composeFile, type ComposedFile } from "../../src/compose/from-file.ts";
import { createLiveComposition, type LiveComposition } from "../../src/compose/live-composition.ts";
import { createReload } from "../../src/compose/reload.ts";
import { createConfigFolder } from "../config/config-folder.ts";
import { pluginSource } from "./plugin-folder.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A composition that notes when it is disposed of, with an injector that takes its time. */
function slowComposition(name: string, settings: Omit<MutationSettings, "injectors">, disposed: string[]): Composition {
  const inject = async (pod: Pod, _: unknown, context: InjectionContext): Promise<ReturnType<typeof injected>> => {
    await turn();
    expect(disposed).not.toContain(name);
    return injected(addEnv(pod, context, [envPrefixVar(context), { name: "FROM", value: name }]));
  };
  return {
    settings: { ...settings, injectors: [{ name: "slow", inject }] },
    injectors: [],
    dispose: async () => {
      disposed.push(name);
    },
  };
}

const POD: Pod = {
  metadata: {
    annotations: encodeRequests([
      { group: "g", key: "a" },
      { group: "g", key: "b" },
      { group: "g", key: "c" },
    ]),
  },
  spec: { containers: [{ name: "main" }] },
};

const admit = (live: LiveComposition): Promise<Mutation> =>
  live.use((settings) =>
    mutatePod(POD, { namespace: "default", dryRun: false, deadline: Date.now() + 60_000 }, settings),
  );

function envOf(mutation: Mutation): readonly string[] {
  if (mutation.outcome !== "changed") throw new Error(`the pod is ${mutation.outcome}`);
  return (mutation.pod.spec?.containers[0]?.env ?? []).map(({ name, value }) => `${name}=${value ?? ""}`);
}

async function goodFile(text: string): Promise<{
  readonly file: string;
  readonly write: (text: string) => void;
  readonly started: Extract<ComposedFile, { ok: true }>;
}> {
  const folder = createConfigFolder();
  const file = folder.write("config.yaml", text);
  const started = await composeFile(file, silent);
  if (!started.ok) throw new Error("the config must be good");
  return { file, started, write: (next) => folder.write("config.yaml", next) };
}

describe("while a composition is replaced", () => {
  it("an admission keeps the one that it began with, and that one is disposed of after it", async () => {
    const { started } = await goodFile("global: false");
    const disposed: string[] = [];
    const settings = started.composition.settings;
    const live = createLiveComposition(slowComposition("first", settings, disposed));

    const admission = admit(live);
    live.replace(slowComposition("second", settings, disposed));

    expect(disposed).toEqual([]);
    expect(envOf(await admission)).toContain("FROM=first");
    expect(disposed).toEqual(["first"]);
    expect(envOf(await admit(live))).toContain("FROM=second");
  });

  it("one that nobody uses is disposed of at once, and each once", async () => {
    const { started } = await goodFile("global: false");
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, started.composition.settings, disposed);
    const live = createLiveComposition(make("1"));

    for (const name of ["2", "3", "4"]) live.replace(make(name));

    expect(disposed).toEqual(["1", "2", "3"]);
    await live.close();
    await live.close();
    expect(disposed).toEqual(["1", "2", "3", "4"]);
  });

  it("closing waits for the admissions of every composition", async () => {
    const { started } = await goodFile("global: false");
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, started.composition.settings, disposed);
    const live = createLiveComposition(make("old"));
    const admissions = [admit(live)];
    live.replace(make("new"));
    admissions.push(admit(live));

    await live.close();

    expect(disposed.toSorted()).toEqual(["new", "old"]);
    expect((await Promise.all(admissions)).map(({ outcome }) => outcome)).toEqual(["changed", "changed"]);
  });

  it("one that comes after the end is disposed of at once, and lent to nobody", async () => {
    const { started } = await goodFile("global: false");
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, started.composition.settings, disposed);
    const live = createLiveComposition(make("served"));
    await live.close();

    const late = make("late");
    live.replace(late);

    expect(disposed).toEqual(["served", "late"]);
    expect(live.current()).not.toBe(late);
    await live.close();
    expect(disposed).toEqual(["served", "late"]);
  });

  it("one that comes while the end waits for admissions is disposed of as well", async () => {
    const { started } = await goodFile("global: false");
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, started.composition.settings, disposed);
    const live = createLiveComposition(make("served"));
    const admission = admit(live);
    const closed = live.close();

    live.replace(make("late"));

    expect(disposed).toEqual(["late"]);
    await closed;
    expect(disposed).toEqual(["late", "served"]);
    await admission;
  });

  it("an admission that fails lets go of its composition too", async () => {
    const { started } = await goodFile("global: false");
    const disposed: string[] = [];
    const live = createLiveComposition(slowComposition("1", started.composition.settings, disposed));
    const failing = live.use(() => Promise.reject(new Error("no")));
    live.replace(slowComposition("2", started.composition.settings, disposed));

    await expect(failing).rejects.toThrow("no");
    expect(disposed).toEqual(["1"]);
  });
});

describe("a reload", () => {
  it("takes up a good config, and keeps the last good one when the new one is wrong", async () => {
    const { file, started, write } = await goodFile("envPrefix: _ONE_");
    const live = createLiveComposition(started.composition);
    const results: boolean[] = [];
    const logged: string[] = [];
    const note = (message: string): void => void logged.push(message);
    const log = { debug: note, info: note, warn: note, error: note };
    const reload = createReload({
      file,
      overrides: {},
      started: started.config,
      live,
      log,
      onReload: ({ ok }) => results.push(ok),
    });

    write("envPrefix: _TWO_");
    await reload();
    expect(live.current().settings.naming.envPrefix).toBe("_TWO_");
    write("envPrefix: 3\nx: 1\n");
    await reload();
    expect(live.current().settings.naming.envPrefix).toBe("_TWO_");
    write("envPrefix: _FOUR_");
    await reload();
    expect(live.current().settings.naming.envPrefix).toBe("_FOUR_");

    expect(results).toEqual([true, false, true]);
    expect(logged.filter((line) => line.includes("E_CONFIG_"))).toHaveLength(2);
    expect(logged).toContain("the new config is not used, the last good one stays");
    await live.close();
  });

  it("says which sections need a restart", async () => {
    const { file, started, write } = await goodFile("server: { port: 9443 }");
    const live = createLiveComposition(started.composition);
    const logged: unknown[] = [];
    const log = { ...silent, warn: (message: string, fields?: object) => void logged.push([message, fields]) };
    const reload = createReload({ file, overrides: {}, started: started.config, live, log });

    write("server: { port: 9444 }\nlog: { level: debug }\nprofile: flyte-v2\n");
    await reload();

    expect(logged).toEqual([["a restart is needed for these sections of the config", { sections: "server, log" }]]);
    await live.close();
  });

  it("goes on after a plugin that never started, and after a fault", async () => {
    const { file, started, write } = await goodFile("envPrefix: _ONE_");
    const live = createLiveComposition(started.composition);
    const logged: string[] = [];
    const note = (message: string): void => void logged.push(message);
    let faults = 0;
    const reload = createReload({
      file,
      overrides: {},
      started: started.config,
      live,
      log: { debug: note, info: note, warn: note, error: note },
      onReload: () => {
        faults += 1;
        if (faults === 2) throw new RangeError("s3cr3t");
      },
    });
    const folder = createConfigFolder();
    const create = '(_, { log }) => (log.info("creating"), new Promise(() => {}))';
    const stuck = folder.write("stuck.mjs", pluginSource({ name: '"stuck"', create }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());

    write(`managers: [{ use: ${stuck} }]`);
    const stuckReload = reload();
    await expect.poll(() => logged).toContain("creating");
    await vi.advanceTimersByTimeAsync(30_000);
    await stuckReload;
    write("envPrefix: _TWO_");
    await reload();
    write("envPrefix: _THREE_");
    await reload();

    expect(live.current().settings.naming.envPrefix).toBe("_THREE_");
    expect(logged).toContain("reloading the config failed");
    expect(logged.join()).not.toContain("s3cr3t");
    await live.close();
  });

  it("keeps what the command line says", async () => {
    const { file, started, write } = await goodFile("profile: flyte-v1");
    const live = createLiveComposition(started.composition);
    const reload = createReload({
      file,
      overrides: { profile: "flyte-v2" },
      started: started.config,
      live,
      log: silent,
    });

    write("profile: flyte-v1\nonFailure: admit\n");
    await reload();

    expect(live.current().settings).toMatchObject({ profile: { name: "flyte-v2" }, onFailure: "admit" });
    await live.close();
  });

  it(
    "a hundred times, half of them wrong, under admissions at the same time: none fails, none mixes",
    { timeout: 60_000 },
    async () => {
      const prefixOf = (index: number): string => `_P${index}_`;
      const good = (index: number): string =>
        `envPrefix: ${prefixOf(index)}\nglobal: false\nmanagers: [{ use: k8s }]\n`;
      const { file, started, write } = await goodFile(good(0));
      const live = createLiveComposition(started.composition);
      const outcomes: boolean[] = [];
      const reload = createReload({
        file,
        overrides: {},
        started: started.config,
        live,
        log: silent,
        onReload: ({ ok }) => outcomes.push(ok),
      });
      const end = new AbortController();
      onTestFinished(() => end.abort());
      const pod: Pod = {
        metadata: {
          annotations: encodeRequests(
            ["a", "b", "c"].map((key) => ({ group: "g", key, mountRequirement: "ENV_VAR" as const })),
          ),
        },
        spec: { containers: [{ name: "main" }] },
      };
      const seen = new Set<string>();
      let admissions = 0;
      const client = async (): Promise<void> => {
        while (!end.signal.aborted) {
          const mutation = await live.use(async (settings) => {
            await turn();
            return mutatePod(pod, { namespace: "default", dryRun: false, deadline: Date.now() + 60_000 }, settings);
          });
          const names = envOf(mutation);
          const prefix = names.find((name) => name.startsWith("FLYTE_SECRETS_ENV_PREFIX="))?.split("=")[1] ?? "";
          // All of one config: the prefix that is told, and that of every value.
          expect(names.filter((name) => name.startsWith(`${prefix}G_`))).toHaveLength(3);
          expect(names).toHaveLength(4);
          seen.add(prefix);
          admissions += 1;
          await turn();
        }
      };
      const clients = Array.from({ length: 8 }, client);
      for (let index = 1; index <= 100; index++) {
        write(index % 2 === 0 ? good(index) : `envPrefix: ${prefixOf(index)}\nmanagers: [{ use: nobody }]\n`);
        await reload();
        await turn();
      }
      end.abort();
      await Promise.all(clients);

      expect(outcomes.filter(Boolean)).toHaveLength(50);
      expect(outcomes).toHaveLength(100);
      expect(live.current().settings.naming.envPrefix).toBe(prefixOf(100));
      expect([...seen].every((prefix) => Number(prefix.slice(2, -1)) % 2 === 0)).toBe(true);
      expect(seen.size).toBeGreaterThan(10);
      expect(admissions).toBeGreaterThan(100);
      await live.close();
    },
  );
});
