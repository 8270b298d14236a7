/** Who is asked for a secret, and what becomes of what they say. */
import { afterEach, describe, expect, it, vi } from "vitest";

import {
  ERRORS,
  SecretError,
  addEnv,
  injected,
  mutatePod,
  refused,
  runPipeline,
  type StepObserver,
  skipped,
  type Decision,
  type Injection,
  type Mutation,
  type Pod,
  type SecretInjector,
} from "../src/index.ts";
import { FACTS, askingPod, contextOf, settingsWith } from "./fixtures.ts";

type Inject = SecretInjector["inject"];

const ONE = askingPod([{ group: "g", key: "k" }]);
const TWO = askingPod([
  { group: "g", key: "one" },
  { group: "g", key: "two" },
]);

function injector(name: string, inject: Inject): SecretInjector {
  return { name, inject };
}

/** Gives each secret an env var named after its key. */
function giver(name: string, prefix: string = name): SecretInjector {
  return injector(name, (pod, { key }, context) =>
    injected(addEnv(pod, context, [{ name: `${prefix}_${key}`.replaceAll("-", "_"), value: "v" }])),
  );
}

async function mutate(injectors: readonly SecretInjector[], pod: Pod = ONE): Promise<Mutation> {
  return await mutatePod(pod, FACTS, settingsWith(injectors));
}

function namesIn(pod: Pod): unknown {
  return pod.spec?.containers[0]?.env?.map(({ name }) => name);
}

/** Of a refused decision. */
function codeOf(decision: Decision): string | undefined {
  return decision.outcome === "refused" ? decision.code : undefined;
}

async function decisionOf(
  injectors: readonly SecretInjector[],
  deadline: number = FACTS.deadline,
): Promise<Decision | undefined> {
  const { decisions } = await mutatePod(ONE, { ...FACTS, deadline }, settingsWith(injectors));
  return decisions[0];
}

describe("the order of injectors", () => {
  it("is the one of the configuration, and ends with the first that gives the secret", async () => {
    const asked: string[] = [];
    const skip = injector("global", () => {
      asked.push("global");
      return skipped("no such file");
    });
    const never = injector("never", () => {
      asked.push("never");
      return skipped("");
    });
    const { decisions, outcome } = await mutate([skip, giver("k8s"), never]);
    expect(outcome).toBe("changed");
    expect(asked).toEqual(["global"]);
    expect(decisions).toMatchObject([
      {
        outcome: "injected",
        injector: "k8s",
        answers: [
          { injector: "global", outcome: "skipped", reason: "no such file" },
          { injector: "k8s", outcome: "injected" },
        ],
      },
    ]);
  });

  it("ends with the first that refuses, and the reason has its name", async () => {
    const refuser = injector("vault", () => refused("E_KEY_REQUIRED", "the key is missing", "Set it."));
    expect(await decisionOf([refuser, giver("k8s")])).toMatchObject({
      outcome: "refused",
      code: "E_KEY_REQUIRED",
      message: "vault: the key is missing",
      fix: "Set it.",
    });
  });

  it("says what to do also where the injector does not", async () => {
    const refuser = injector("vault", () => refused("acme/gone", "it is gone", ""));
    expect(await decisionOf([refuser])).toMatchObject({ code: "acme/gone", fix: ERRORS.E_INJECTOR_FAILED.fix });
  });

  it("ends in a refusal with all reasons when nobody has the secret", async () => {
    const far = injector("aws", () => skipped("it is no ARN"));
    const near = injector("k8s", () => skipped("the key is missing", "Set key."));
    expect(await decisionOf([far, near])).toMatchObject({
      code: "E_NOT_INJECTED",
      message: "k8s: the key is missing; aws: it is no ARN",
      fix: "Set key.",
    });
    expect(await decisionOf([])).toMatchObject({ message: "no secret manager is configured" });
  });

  it("is the same for each secret, and each sees the pod with the ones before it", async () => {
    const seen: unknown[] = [];
    const counter = injector("counter", (pod, request, context) => {
      seen.push(namesIn(pod));
      return giver("counter").inject(pod, request, context);
    });
    const mutation = await mutate([counter], TWO);
    expect(seen).toEqual([undefined, ["counter_one"]]);
    expect(mutation).toMatchObject({ outcome: "changed" });
  });

  it("asks for the others too when one is refused, so that one answer names all", async () => {
    const picky = injector("picky", (pod, { key }) => (key === "one" ? skipped("not one") : injected(pod)));
    const { decisions } = await mutate([picky], TWO);
    expect(decisions.map(codeOf)).toEqual(["E_NOT_INJECTED", "E_WITHDRAWN"]);
  });
});

describe("two injectors in one pod", () => {
  const alternating = injector("odd", (pod, request, context) =>
    request.key === "two" ? skipped("not two") : giver("odd").inject(pod, request, context),
  );

  it("build on each other's pods", async () => {
    const pod = askingPod(["one", "two", "one", "two"].map((key) => ({ group: "g", key })));
    const mutation = await mutate([alternating, giver("even")], pod);
    expect(mutation.outcome === "changed" && namesIn(mutation.pod)).toEqual(["odd_one", "even_two"]);
  });

  it("cannot change what the other added", async () => {
    const thief = injector("thief", (pod) => ({
      outcome: "injected",
      pod: { ...pod, spec: { containers: [{ name: "main", env: [{ name: "odd_one", value: "stolen" }] }] } },
    }));
    const { decisions } = await mutate([alternating, thief], TWO);
    expect(decisions).toMatchObject([
      { code: "E_WITHDRAWN", answers: [{ injector: "odd", outcome: "injected" }] },
      {
        outcome: "refused",
        code: "E_INJECTOR_RESULT",
        message: 'thief: it removed or changed env var "odd_one" of container "main"',
        answers: [
          { injector: "odd", outcome: "skipped" },
          { injector: "thief", outcome: "refused" },
        ],
      },
    ]);
  });

  it("are checked apart: all secrets of the one that breaks the pod are refused, and none of the other's", async () => {
    const vandal = injector("vandal", (pod) => injected({ ...pod, kind: "Job" }));
    const pod = askingPod(["one", "two", "two"].map((key) => ({ group: "g", key })));
    const { decisions } = await mutate([alternating, vandal], pod);
    expect(decisions.map(codeOf)).toEqual(["E_WITHDRAWN", "E_INJECTOR_RESULT", "E_INJECTOR_RESULT"]);
  });

  it("are checked apart also where the one that breaks the pod came first", async () => {
    const vandal = injector("vandal", (pod, { key }) =>
      key === "one" ? injected({ ...pod, kind: "Job" }) : skipped("not mine"),
    );
    const pod = askingPod(["one", "two", "three"].map((key) => ({ group: "g", key })));
    const { decisions } = await mutate([vandal, giver("good")], pod);
    expect(decisions.map(codeOf)).toEqual(["E_INJECTOR_RESULT", "E_WITHDRAWN", "E_WITHDRAWN"]);
  });
});

describe("an injector that fails", () => {
  it("with an error of the catalogue refuses", async () => {
    const thrower = injector("k8s", () => {
      throw new SecretError("E_ENV_NAME", "it is no name", "Change it.");
    });
    expect(await decisionOf([thrower])).toMatchObject({
      code: "E_ENV_NAME",
      message: "k8s: it is no name",
      fix: "Change it.",
      answers: [{ injector: "k8s", outcome: "refused" }],
    });
  });

  it("with an error of another copy of core refuses the same", async () => {
    const brand = Symbol.for("@pod-secrets/secret-error");
    const foreign = Object.assign(new Error("m"), { code: "acme/gone", fix: "f" });
    Object.defineProperty(foreign, brand, { value: true });
    const thrower = injector("acme", () => {
      throw foreign;
    });
    expect(await decisionOf([thrower])).toMatchObject({ code: "acme/gone", message: "acme: m", fix: "f" });
  });

  class ConnectionError extends Error {}

  it.each<[string, unknown, string]>([
    ["an error", new TypeError("canary"), "it failed with TypeError"],
    ["an error of its own class", new ConnectionError("canary"), "it failed with ConnectionError"],
    ["a text", "canary", "it failed with a thrown string"],
    ["nothing", undefined, "it failed with a thrown undefined"],
    ["an object", { message: "canary" }, "it failed with a thrown object"],
    [
      "an error without a class",
      Object.create(Error.prototype, { constructor: { value: undefined } }),
      "it failed with something that is no error",
    ],
    [
      "an error whose class has a strange name",
      Object.create(Error.prototype, { constructor: { value: { name: "canary\n" } } }),
      "it failed with an error",
    ],
    [
      "a Proxy",
      new Proxy(new Error("canary"), {
        getOwnPropertyDescriptor: () => {
          throw new Error("canary");
        },
      }),
      "it failed with something that is no error",
    ],
  ])("with %s refuses, and does not tell its text", async (_, error, message) => {
    const thrower = injector("bad", () => {
      throw error;
    });
    const rejecter = injector("bad", async () => await Promise.reject(error));
    const wanted = { code: "E_INJECTOR_FAILED", message: `bad: ${message}` };
    expect(await decisionOf([thrower])).toMatchObject(wanted);
    expect(await decisionOf([rejecter])).toMatchObject(wanted);
    expect(JSON.stringify(await mutate([thrower]))).not.toContain("canary");
  });

  it("to return an injection refuses", async () => {
    const nothing = injector("bad", () => undefined as unknown as Injection);
    const later = injector("bad", async () => await Promise.resolve(undefined as unknown as Injection));
    const wanted = { code: "E_INJECTOR_RESULT", message: "bad: it returned no injection" };
    expect(await decisionOf([nothing])).toMatchObject(wanted);
    expect(await decisionOf([later])).toMatchObject(wanted);
  });

  it("has its texts made one line, and short", async () => {
    const talker = injector("bad", () => skipped(`a\nb\u001b[31m${"x".repeat(10_000)}`));
    const decision = await decisionOf([talker]);
    expect(decision).toMatchObject({ message: expect.stringMatching(/^bad: a\\u000ab\\u001b\[31mx+…$/) as unknown });
    expect(JSON.stringify(decision).length).toBeLessThan(2000);
  });
});

describe("an injector that answers later", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is waited for", async () => {
    const slow = injector("slow", async (pod, request, context) => {
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
      return await giver("slow").inject(pod, request, context);
    });
    expect(await decisionOf([slow])).toMatchObject({ outcome: "injected", injector: "slow" });
  });

  it("may give any thenable", async () => {
    const then = (resolve: (injection: Injection) => void): void => {
      resolve(skipped("thenable"));
      resolve(injected(ONE));
      throw new Error("after the answer");
    };
    // oxlint-disable-next-line unicorn/no-thenable -- that is the point
    const thenable = injector("thenable", () => ({ then }) as unknown as Promise<Injection>);
    expect(await decisionOf([thenable])).toMatchObject({ message: "thenable: thenable" });
  });

  it("has until the deadline, and leaves no timer behind", async () => {
    vi.useFakeTimers();
    const never = injector("never", async () => await new Promise<Injection>(() => {}));
    const decision = decisionOf([never], Date.now() + 900);
    await vi.advanceTimersByTimeAsync(899);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await decision).toMatchObject({ code: "E_INJECTOR_TIMEOUT", message: "never: no answer within 900 ms" });
    const quick = injector("quick", async () => await Promise.resolve(skipped("no")));
    await decisionOf([quick], Date.now() + 900);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has no time left after the deadline", async () => {
    const never = injector("never", async () => await new Promise<Injection>(() => {}));
    expect(await decisionOf([never], 0)).toMatchObject({ message: "never: no answer within 0 ms" });
  });
});

describe("what an injector is told", () => {
  it("is the facts of the admission, the pod as it arrived, and it cannot change them", async () => {
    const user = { username: "me", groups: ["us"] };
    let told: unknown;
    const listener = injector("listener", (_pod, _request, context) => {
      told = context;
      return skipped("");
    });
    await mutatePod(ONE, { ...FACTS, user, dryRun: true }, settingsWith([listener]));
    expect(told).toMatchObject({ namespace: "flytesnacks-development", user, dryRun: true, userPod: ONE });
    expect(Object.isFrozen(told)).toBe(true);
  });
});

describe("an observer", () => {
  it("sees each step with the pod before and after it", async () => {
    const steps: unknown[] = [];
    const context = contextOf(ONE);
    const requests = [1, 2].map((n) => ({
      source: `s${n}`,
      group: "g",
      groupVersion: "",
      key: `${n}`,
      mountRequirement: "ANY" as const,
      envVar: "",
    }));
    const observe: StepObserver = (decision, before, after) => {
      steps.push([decision.outcome, namesIn(before), namesIn(after)]);
    };
    const result = await runPipeline(ONE, requests, [giver("k8s", "A")], context, { observe });
    expect(steps).toEqual([
      ["injected", undefined, ["A_1"]],
      ["injected", ["A_1"], ["A_1", "A_2"]],
    ]);
    expect(namesIn(result.pod)).toEqual(["A_1", "A_2"]);
  });

  it("sees a step that was withdrawn as a refusal", async () => {
    const steps: string[] = [];
    const vandal = injector("vandal", (pod) => injected({ ...pod, kind: "Job" }));
    const mutation = await mutatePod(ONE, FACTS, settingsWith([vandal]), (decision, before, after) => {
      steps.push(decision.outcome);
      expect(after).toBe(before);
    });
    expect(steps).toEqual(["refused"]);
    expect(mutation.outcome).toBe("refused");
  });
});
