/** What injectors warn of, in their answer or while they are asked: who is told, and how much. */
import { describe, expect, it } from "vitest";

import { SecretError, injected, mutatePod, skipped, type Decision, type SecretInjector } from "../src/index.ts";
import { FACTS, askingPod, settingsWith } from "./fixtures.ts";

function injector(name: string, inject: SecretInjector["inject"]): SecretInjector {
  return { name, inject };
}

async function decisionsOf(
  injectors: readonly SecretInjector[],
  keys: readonly string[],
): Promise<readonly Decision[]> {
  const pod = askingPod(keys.map((key) => ({ group: "g", key })));
  return (await mutatePod(pod, FACTS, settingsWith(injectors))).decisions;
}

async function decisionOf(injectors: readonly SecretInjector[]): Promise<Decision | undefined> {
  return (await decisionsOf(injectors, ["k"]))[0];
}

describe("warnings", () => {
  it("of an injector stand in the decision, one line each and not too many", async () => {
    const loud = injector("loud", (pod) => injected(pod, ["a\nb", ...Array.from({ length: 100 }, (_, n) => `w${n}`)]));
    const decision = await decisionOf([loud]);
    const warnings = decision?.outcome === "injected" ? decision.warnings : [];
    expect(warnings[0]).toBe("a\\u000ab");
    expect(warnings).toHaveLength(20);
  });

  it("that the context is told while an injector is asked are dropped with its answer when it does not give the secret", async () => {
    const skipping = injector("skipping", (_pod, _request, { warn }) => (warn?.("not mine"), skipped("not mine")));
    const failing = injector("failing", async (_pod, _request, { warn }) => {
      warn?.("failed");
      throw new SecretError("E_ENV_VALUE", "no");
    });
    const giving = injector("giving", (pod, _request, { warn }) => (warn?.("mine"), injected(pod, ["own"])));
    expect(await decisionOf([skipping, giving])).toMatchObject({ outcome: "injected", warnings: ["own", "mine"] });
    expect(await decisionOf([skipping, failing])).toMatchObject({ outcome: "refused", code: "E_ENV_VALUE" });
  });

  it("that the context is told are passed on once per pod", async () => {
    const repeating = injector("repeating", (pod, { key }, { warn }) => {
      for (const text of ["the same", key, key]) warn?.(text);
      return injected(pod);
    });
    const decisions = await decisionsOf([repeating], ["one", "two"]);
    expect(decisions).toMatchObject([{ warnings: ["the same", "one"] }, { warnings: ["two"] }]);
  });

  it("that the context is told are thirty at most for a pod", async () => {
    const loud = injector("loud", (pod, { key }, { warn }) => {
      for (let index = 0; index < 20; index++) warn?.(`${key} ${index}`);
      return injected(pod);
    });
    const decisions = await decisionsOf([loud], ["one", "two"]);
    expect(decisions.map((decision) => decision.outcome === "injected" && decision.warnings.length)).toEqual([20, 10]);
  });
});
