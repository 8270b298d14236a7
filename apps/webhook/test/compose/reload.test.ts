/** A config that changes while the webhook serves. */
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { encodeRequests, mutatePod, type Pod } from "@pod-secrets/core";

import { composeFile, type ComposedFile } from "../../src/compose/from-file.ts";
import { createLiveComposition } from "../../src/compose/live-composition.ts";
import { createReload } from "../../src/compose/reload.ts";
import { createConfigFolder } from "../config/config-folder.ts";
import { envOf } from "./env-of.ts";
import { pluginSource } from "./plugin-folder.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

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
