/** Which value of the service's document an item gets, and that no other is taken for it. */
import { describe, expect, test } from "vitest";

import { documentWith, fetchFrom } from "./rig.ts";

const DB = { credential: "db", key: "value" };

async function valueOf(json: string): Promise<string> {
  const fetch = await fetchFrom(documentWith(`{"value":${json}}`));
  return new TextDecoder().decode(await fetch(DB));
}

describe("a value", () => {
  test.each([
    [String.raw`"p\u00e4ss\nword\u0000 "`, "p\u00E4ss\nword\u0000 "],
    [String.raw`"\ud83d\udd11"`, "\u{1F511}"],
    ["12345678901234567890123", "12345678901234567890123"],
    ["-1.50e3", "-1.50e3"],
    ["false", "false"],
    [`""`, ""],
  ])("%s is written as %j", async (json, text) => {
    await expect(valueOf(json)).resolves.toBe(text);
  });

  test.each(["null", "[]", `{"a":1}`, String.raw`"\ud83d"`])("%s cannot be written", async (json) => {
    const message = `key "value" of the credential "db" of the service "orders" is no text, number, true or false`;
    await expect(valueOf(json)).rejects.toMatchObject({ kind: "unusable-value", message });
  });

  test("has a key that no object has by itself", async () => {
    const own = await fetchFrom(documentWith(`{"__proto__":"own"}`));
    expect(new TextDecoder().decode(await own({ ...DB, key: "__proto__" }))).toBe("own");
    const none = await fetchFrom(documentWith("{}"));
    await expect(none({ ...DB, key: "__proto__" })).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe("a credential", () => {
  test.each([
    ["null", `,"enabled":null`],
    ["no truth value", `,"enabled":"true"`],
  ])("whose `enabled` is %s counts as disabled", async (_what, field) => {
    const fetch = await fetchFrom(documentWith(`{"value":"x"}`, field));
    await expect(fetch(DB)).rejects.toMatchObject({ kind: "disabled" });
  });

  test("whose name is not the only one is nobody's", async () => {
    const twin = `{"name":"db","enabled":true,"revision":1,"credential_pairs":{"value":"y"}}`;
    const fetch = await fetchFrom(documentWith(`{"value":"x"}`).replace("]}", `,${twin}]}`));
    const message = `the service "orders" has several credentials "db"`;
    await expect(fetch(DB)).rejects.toMatchObject({ kind: "invalid-answer", message });
  });

  test("is none when a blind one has a name that is no text", async () => {
    const fetch = await fetchFrom(documentWith("{}", "", `,"blind_credentials":[{"name":{"toString":null}}]`));
    await expect(fetch({ credential: "other", key: "value" })).rejects.toMatchObject({ kind: "not-found" });
  });

  test("that is blind is told from one that is not there", async () => {
    const fetch = await fetchFrom(documentWith("{}", "", `,"blind_credentials":[{"name":"sealed"}]`));
    const blind = { credential: "sealed", key: "value" };
    await expect(fetch(blind)).rejects.toMatchObject({ kind: "unusable-value" });
    await expect(fetch({ ...blind, credential: "other" })).rejects.toMatchObject({ kind: "not-found" });
  });

  test.each([
    [1, "value"],
    [2, "wrong-version"],
  ])("of revision 1, asked for revision %i, is %s", async (revision, outcome) => {
    const fetch = await fetchFrom(documentWith(`{"value":"value"}`));
    const fetched = fetch({ ...DB, revision }).then(
      (bytes) => new TextDecoder().decode(bytes),
      ({ kind }: { kind: string }) => kind,
    );
    await expect(fetched).resolves.toBe(outcome);
  });

  test("of a service whose `enabled` is missing is not taken", async () => {
    const fetch = await fetchFrom(
      documentWith(`{"value":"x"}`).replace(`"enabled":true,"revision":1,"credentials"`, `"credentials"`),
    );
    await expect(fetch(DB)).rejects.toMatchObject({ kind: "disabled" });
  });
});
