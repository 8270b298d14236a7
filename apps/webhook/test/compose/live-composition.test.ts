/** Which composition an admission gets, and when one that was replaced is disposed of. */
import {
  PROFILES,
  addEnv,
  createNaming,
  encodeRequests,
  envPrefixVar,
  injected,
  mutatePod,
  type InjectionContext,
  type Mutation,
  type MutationSettings,
  type Pod,
} from "@pod-secrets/core";
import { describe, expect, it } from "vitest";

import type { Composition } from "../../src/compose/composition.ts";
import { createLiveComposition, type LiveComposition } from "../../src/compose/live-composition.ts";
import { envOf } from "./env-of.ts";

const PROFILE = PROFILES["flyte-v1"];
const SETTINGS: Omit<MutationSettings, "injectors"> = {
  profile: PROFILE,
  naming: createNaming(PROFILE),
  onFailure: "deny",
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A composition that notes when it is disposed of, with an injector that takes its time. */
function slowComposition(name: string, disposed: string[]): Composition {
  const inject = async (pod: Pod, _: unknown, context: InjectionContext): Promise<ReturnType<typeof injected>> => {
    await turn();
    expect(disposed).not.toContain(name);
    return injected(addEnv(pod, context, [envPrefixVar(context), { name: "FROM", value: name }]));
  };
  return {
    settings: { ...SETTINGS, injectors: [{ name: "slow", inject }] },
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

describe("while a composition is replaced", () => {
  it("an admission keeps the one that it began with, and that one is disposed of after it", async () => {
    const disposed: string[] = [];
    const live = createLiveComposition(slowComposition("first", disposed));

    const admission = admit(live);
    live.replace(slowComposition("second", disposed));

    expect(disposed).toEqual([]);
    expect(envOf(await admission)).toContain("FROM=first");
    expect(disposed).toEqual(["first"]);
    expect(envOf(await admit(live))).toContain("FROM=second");
  });

  it("one that nobody uses is disposed of at once, and each once", async () => {
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, disposed);
    const live = createLiveComposition(make("1"));

    for (const name of ["2", "3", "4"]) live.replace(make(name));

    expect(disposed).toEqual(["1", "2", "3"]);
    await live.close();
    await live.close();
    expect(disposed).toEqual(["1", "2", "3", "4"]);
  });

  it("closing waits for the admissions of every composition", async () => {
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, disposed);
    const live = createLiveComposition(make("old"));
    const admissions = [admit(live)];
    live.replace(make("new"));
    admissions.push(admit(live));

    await live.close();

    expect(disposed.toSorted()).toEqual(["new", "old"]);
    expect((await Promise.all(admissions)).map(({ outcome }) => outcome)).toEqual(["changed", "changed"]);
  });

  it("one that comes after the end is disposed of at once, and lent to nobody", async () => {
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, disposed);
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
    const disposed: string[] = [];
    const make = (name: string): Composition => slowComposition(name, disposed);
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
    const disposed: string[] = [];
    const live = createLiveComposition(slowComposition("1", disposed));
    const failing = live.use(() => Promise.reject(new Error("no")));
    live.replace(slowComposition("2", disposed));

    await expect(failing).rejects.toThrow("no");
    expect(disposed).toEqual(["1"]);
  });
});
