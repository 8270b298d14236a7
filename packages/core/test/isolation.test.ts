/** How far injectors are kept from the pod: what each `isolation` sees, and what it overlooks. */
import { describe, expect, it } from "vitest";

import {
  addEnv,
  addInitContainer,
  envPrefixVar,
  injected,
  mutatePod,
  secretVolumeName,
  skipped,
  type Isolation,
  type Pod,
  type SecretInjector,
} from "../src/index.ts";
import { FACTS, askingPod, copyOf, settingsWith } from "./fixtures.ts";

const spec = { containers: [{ name: "main", env: [{ name: "OWN", value: "o" }] }] };
const asking = (...keys: readonly string[]): Pod =>
  askingPod(
    keys.map((key) => ({ group: "g", key })),
    copyOf(spec),
  );

/** Writes into the env vars of the first container. */
function pushTo(pod: Pod, name: string): void {
  const env = (pod.spec?.containers[0]?.env ?? expect.fail("no env")) as object[];
  env.push({ name, value: "v" });
}

const WRITER: SecretInjector = {
  name: "writer",
  inject: (pod, { key }) => {
    pushTo(pod, key);
    return injected(pod);
  },
};
/** Gives the first secret as it should, and writes for the others. */
const LATE: SecretInjector = {
  name: "late",
  inject: (pod, request, context) =>
    request.key === "FIRST"
      ? injected(addEnv(pod, context, [{ name: "FIRST", value: "v" }]))
      : WRITER.inject(pod, request, context),
};
const USER_POD: SecretInjector = {
  name: "user-pod",
  inject: (pod, _request, { userPod }) => {
    pushTo(userPod, "A");
    return injected(pod);
  },
};
const FAILED = { outcome: "refused", code: "E_INJECTOR_FAILED" };

describe("an injector that writes to its pod", () => {
  it.each([
    ["at once", WRITER, ["A"]],
    ["by way of the context", USER_POD, ["A"]],
  ])("%s is refused when pods are frozen", async (_, injector, keys) => {
    const settings = { ...settingsWith([injector]), isolation: "freeze" as const };
    const mutation = await mutatePod(asking(...keys), FACTS, settings);
    expect(mutation).toMatchObject({ ...FAILED, message: expect.stringContaining("TypeError") as unknown });
  });

  it.each([[undefined], [() => {}]])("after a secret that it gave well is refused as well", async (observe) => {
    const settings = { ...settingsWith([LATE]), isolation: "freeze" as const };
    const mutation = await mutatePod(asking("FIRST", "SECOND"), FACTS, settings, observe);
    expect(mutation).toMatchObject({ ...FAILED, decisions: [{ code: "E_WITHDRAWN" }, FAILED] });
  });

  it("cannot write into what another one gave", async () => {
    const giver: SecretInjector = {
      name: "giver",
      inject: (pod, request, context) =>
        request.key === "FIRST" ? LATE.inject(pod, request, context) : { outcome: "skipped", reason: "not mine" },
    };
    const settings = { ...settingsWith([giver, WRITER]), isolation: "freeze" as const };
    const mutation = await mutatePod(asking("FIRST", "SECOND"), FACTS, settings);
    expect(mutation).toMatchObject({
      ...FAILED,
      decisions: [{ answers: [{ injector: "giver", outcome: "injected" }] }, FAILED],
    });
  });

  it("loses the secret unseen when they are not", async () => {
    expect(await mutatePod(asking("A"), FACTS, settingsWith([WRITER]))).toMatchObject({ outcome: "unchanged" });
  });
});

describe.each<Isolation>(["trust", "copy", "freeze"])("under %s", (isolation) => {
  const GIVER: SecretInjector = {
    name: "giver",
    inject: (pod, request, context) => injected(addEnv(pod, context, [{ name: request.key, value: "v" }])),
  };

  it("a pod gets the same secrets", async () => {
    const mutation = await mutatePod(asking("A", "B", "C"), FACTS, { ...settingsWith([GIVER]), isolation });
    expect(mutation).toEqual(await mutatePod(asking("A", "B", "C"), FACTS, settingsWith([GIVER])));
    expect(mutation).toMatchObject({ outcome: "changed" });
  });

  it("what an injector may not change is refused", async () => {
    const taker: SecretInjector = { name: "taker", inject: (pod) => injected({ ...pod, spec: { containers: [] } }) };
    const mutation = await mutatePod(asking("A"), FACTS, { ...settingsWith([taker]), isolation });
    expect(mutation).toMatchObject({ outcome: "refused", code: "E_INJECTOR_RESULT" });
  });
});

describe.each<Isolation>(["trust", "copy", "freeze"])(
  "an injector that keeps and extends objects of its own, under %s",
  (isolation) => {
    /** Keeps one volume for all keys of a pod, and puts it where it was. */
    function keeper(): SecretInjector {
      const items: object[] = [];
      const name = secretVolumeName("g", "");
      const volume = { name, secret: { secretName: "g", items } };
      return {
        name: "keeper",
        inject(pod, { key }) {
          if (key === "OTHER") return skipped("not mine");
          items.push({ key, path: key });
          const others = pod.spec?.volumes?.filter((candidate) => candidate.name !== name) ?? [];
          return injected({ ...pod, spec: { containers: [], ...pod.spec, volumes: [...others, volume] } } as Pod);
        },
      };
    }
    const other: SecretInjector = {
      name: "other",
      inject: (pod, request, context) => injected(addEnv(pod, context, [{ name: request.key, value: "v" }])),
    };

    it.each([
      ["in a row", ["A", "B", "C"], undefined],
      ["with somebody else's between them", ["A", "OTHER", "B", "C"], undefined],
      ["while each step is watched", ["A", "B", "C"], () => {}],
    ])("loses none of the secrets that it gave: %s", async (_, keys, observe) => {
      const settings = { ...settingsWith([keeper(), other]), isolation };
      const mutation = await mutatePod(asking(...keys), FACTS, settings, observe);
      if (mutation.outcome !== "changed") throw new Error(JSON.stringify(mutation));
      const items = mutation.pod.spec?.volumes?.[0]?.secret?.items;
      expect(items?.map(({ key }) => key)).toEqual(["A", "B", "C"]);
    });
  },
);

it.each<Isolation>(["trust", "copy", "freeze"])(
  "an env var that goes into a new container is still the same in those that had it, under %s",
  async (isolation) => {
    const env: SecretInjector = {
      name: "env",
      inject: (pod, { key }, context) =>
        key === "CONTAINER" ? skipped("not mine") : injected(addEnv(pod, context, [envPrefixVar(context)])),
    };
    const container: SecretInjector = {
      name: "container",
      inject: (pod) => injected(addInitContainer(pod, { name: "fetch", image: "i" }, "last")),
    };
    const settings = { ...settingsWith([env, container]), isolation };
    const pod = asking("A", "CONTAINER", "B");
    // The new container is read before those that had it.
    const listed = { ...pod, spec: { initContainers: [], containers: pod.spec?.containers ?? [] } };
    expect(await mutatePod(listed, FACTS, settings)).toMatchObject({ outcome: "changed" });
  },
);

describe("what an injector is asked with", () => {
  const CHANGER: SecretInjector = {
    name: "changer",
    inject: (pod, request) => {
      Object.assign(request, { key: "OTHER" });
      return injected(pod);
    },
  };
  const RENAMER: SecretInjector = {
    name: "renamer",
    inject: (pod, _request, { naming }) => {
      Object.assign(naming, { envName: () => "HACKED" });
      return injected(pod);
    },
  };

  it.each([
    ["the request", CHANGER],
    ["the names", RENAMER],
  ])("cannot be changed for those after it: %s", async (_, injector) => {
    expect(await mutatePod(asking("A"), FACTS, settingsWith([injector]))).toMatchObject(FAILED);
  });
});

describe("frozen pods", () => {
  it("are frozen inside parts that were frozen before", async () => {
    const pod = asking("A");
    Object.freeze(pod.spec);
    const mutation = await mutatePod(pod, FACTS, { ...settingsWith([WRITER]), isolation: "freeze" as const });
    expect(mutation).toMatchObject(FAILED);
  });

  it("do not include one that asks for nothing, which no injector sees", async () => {
    const pod = asking();
    await mutatePod(pod, FACTS, { ...settingsWith([WRITER]), isolation: "freeze" as const });
    expect(Object.isFrozen(pod)).toBe(false);
  });
});
