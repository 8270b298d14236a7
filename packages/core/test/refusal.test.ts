/** What a user reads when a pod is refused, and what the records of it hold. */
import { describe, expect, it } from "vitest";

import { SecretError, describeRequest, type Decision, type RefusedDecision, type SecretAsk } from "../src/index.ts";
import { describeRefused } from "../src/decision.ts";
import { MAX_REFUSAL_BYTES, describeError, describeRefusal } from "../src/refusal.ts";
import { request } from "./fixtures.ts";

function refusedDecision(ask: SecretAsk, rest: Partial<RefusedDecision> = {}, source?: string): RefusedDecision {
  return {
    outcome: "refused",
    request: request({ group: "user-info", key: "password", ...ask }, source),
    answers: [],
    code: "E_NOT_INJECTED",
    message: "k8s: the Secret is not there",
    fix: "Create it.",
    ...rest,
  };
}

const GIVEN: Decision = {
  outcome: "injected",
  request: request({ group: "db", key: "password", mountRequirement: "FILE" }),
  answers: [
    { injector: "global", outcome: "skipped", reason: "no" },
    { injector: "k8s", outcome: "injected" },
  ],
  injector: "k8s",
  warnings: [],
};

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function expectOneShortLine(text: string): void {
  expect(bytesOf(text)).toBeLessThanOrEqual(1024);
  // oxlint-disable-next-line no-control-regex -- there must be none
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  expect(text.isWellFormed()).toBe(true);
}

describe("a refusal", () => {
  it("names what, where, why and how to fix it", () => {
    expect(describeRefusal([GIVEN, refusedDecision({})])).toBe(
      'pod-secrets: 1 of 2 secrets cannot be injected: (1) E_NOT_INJECTED: group "user-info" key "password" [flyte.secrets/s0]: k8s: the Secret is not there. Fix: Create it.',
    );
  });

  it("of three secrets names all three in full, with cause and fix", () => {
    const decisions = [1, 2, 3].map((n) =>
      refusedDecision(
        { group: `a-group-of-some-length-${n}`, key: `and-a-key-${n}`, mountRequirement: "ENV_VAR" },
        { message: `k8s: cause ${n}; aws: it is no ARN`, fix: `Do this ${n} times.` },
        `flyte.secrets/s${n}`,
      ),
    );
    const text = describeRefusal(decisions);
    for (const n of [1, 2, 3]) {
      expect(text).toContain(
        `(${n}) E_NOT_INJECTED: group "a-group-of-some-length-${n}" key "and-a-key-${n}" as ENV_VAR [flyte.secrets/s${n}]: k8s: cause ${n}; aws: it is no ARN. Fix: Do this ${n} times.`,
      );
    }
    expect(text).toContain("Fix: Do this 1 times. (2) E_NOT_INJECTED");
    expectOneShortLine(text);
  });

  it("sets secrets apart by a semicolon where the fix does not end in a full stop", () => {
    const open = refusedDecision({}, { fix: "see https://example.com/fix" });
    expect(describeRefusal([open, open])).toMatch(/https:\/\/example\.com\/fix; \(2\) E_NOT_INJECTED/);
  });

  it("of very many secrets counts those it has no room for", () => {
    const decisions = Array.from({ length: 256 }, (_, n) =>
      refusedDecision({ key: `k${n}` }, {}, `flyte.secrets/s${n}`),
    );
    const text = describeRefusal(decisions);
    expect(text).toMatch(/^pod-secrets: 256 of 256 secrets cannot be injected: \(1\) .*Create it\. … and 250 more$/);
    expect(text).toContain(
      '(6) E_NOT_INJECTED: group "user-info" key "k5" [flyte.secrets/s5]: k8s: the Secret is not there. Fix: Create it.',
    );
    expectOneShortLine(text);
  });

  it.each<[string, string]>([
    ["long", "x".repeat(5000)],
    ["not ASCII", "密".repeat(5000)],
    ["outside the BMP", "😀".repeat(5000)],
    ["control characters", "\u0000\n\u202e".repeat(2000)],
    ["half characters", "\ud800".repeat(5000)],
  ])("stays one line below 1 kB and names three where all is %s", (_, text) => {
    const hostile = { group: text, groupVersion: text, key: text };
    const decisions = Array.from({ length: 20 }, () =>
      refusedDecision(
        hostile,
        {
          message: text.toWellFormed().replaceAll(/\p{C}/gu, "?"),
          fix: text.toWellFormed().replaceAll(/\p{C}/gu, "?"),
        },
        `flyte.secrets/s${text}`,
      ),
    );
    const refusal = describeRefusal(decisions);
    expectOneShortLine(refusal);
    for (const entry of ["(1) E_NOT_INJECTED", "(2) E_NOT_INJECTED", "(3) E_NOT_INJECTED"])
      expect(refusal).toContain(entry);
    expect(refusal).toMatch(/… and (13|14|15|16|17) more$/);
  });

  it("keeps cause and fix both when both are long", () => {
    const text = describeRefusal([refusedDecision({}, { message: "why ".repeat(500), fix: "how ".repeat(500) })]);
    expect(text).toMatch(/: why why [why ]*…\. Fix: how how [how ]*…$/);
    expect(bytesOf(text)).toBeGreaterThan(900);
    expectOneShortLine(text);
  });

  it("of the pod as a whole keeps the fix", () => {
    const text = describeError(new SecretError("E_POD_INVALID", "m\n".repeat(1000), "Do it."));
    expect(text).toMatch(/^pod-secrets: E_POD_INVALID: m\\u000am.*…\. Fix: Do it\.$/);
    expect(bytesOf(text)).toBeLessThanOrEqual(MAX_REFUSAL_BYTES);
    expect(describeError(new SecretError("acme/x", "m", "Do it."))).toBe("pod-secrets: acme/x: m. Fix: Do it.");
  });
});

describe("a line about one secret", () => {
  it("has the version and the mount requirement where they matter", () => {
    expect(describeRequest(request({ group: "g", key: "k" }))).toBe('group "g" key "k"');
    expect(describeRequest(request({ group: "g", groupVersion: "kv2", key: "k", mountRequirement: "FILE" }))).toBe(
      'group "g" version "kv2" key "k" as FILE',
    );
  });

  it("says why it was refused", () => {
    expect(describeRefused(refusedDecision({}))).toBe(
      'E_NOT_INJECTED: group "user-info" key "password" [flyte.secrets/s0]: k8s: the Secret is not there. Fix: Create it.',
    );
  });

  it("is one line, whatever the annotation is named", () => {
    expect(describeRefused(refusedDecision({ group: "a\nb" }, {}, "flyte.secrets/s\n0"))).not.toContain("\n");
  });
});
