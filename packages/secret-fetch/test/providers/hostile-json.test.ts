/** JSON that was made to be heavy: a store that answers so must not take the node with it. */
import { expect, test } from "vitest";

import { parseServiceDocument, valueIn } from "../../src/providers/confidant/service-document.ts";
import { jsonKey } from "../../src/providers/json-key.ts";

const MEGABYTE = 1_048_576;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const repeated = (text: string, length: number): string => text.repeat(Math.floor(length / text.length));

/** Milliseconds of the processor, which no other test and no other process counts into. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A document of the service `orders` with a number in it that is wanted, and much that is not. */
function documentOf(padding: string): Uint8Array {
  const db = `{"name":"db","enabled":true,"revision":1,"credential_pairs":{"port":12345678901234567890}}`;
  return bytes(`{"id":"orders","enabled":true,"pad":[${padding}],"credentials":[${db}]}`);
}

test.each([
  ["numbers", "1,"],
  ["empty objects", "{},"],
  ["empty lists", "[],"],
  ["keys", `{"a":1},`],
  ["escapes", String.raw`"\"\\",`],
])(
  "a service's document of 4 MiB of %s costs less than 5 s of the processor, also where coverage is measured",
  (_what, padding) => {
    const body = documentOf(`${repeated(padding, 4 * MEGABYTE)}0`);
    const took = processorTime(() => {
      const document = parseServiceDocument(body);
      const value = document === undefined ? undefined : valueIn(document, { credential: "db", key: "port" });
      expect(new TextDecoder().decode(value)).toBe("12345678901234567890");
    });
    expect(took).toBeLessThan(5000);
  },
);

test("a secret of 1 MiB that is deep costs less than 5 s of the processor, also where coverage is measured", () => {
  const depth = MEGABYTE / 2;
  const secret = bytes(`{"deep":${"[".repeat(depth)}${"]".repeat(depth)},"port":1.50}`);
  const took = processorTime(() => {
    expect(new TextDecoder().decode(jsonKey(secret, "port", "the secret"))).toBe("1.50");
  });
  expect(took).toBeLessThan(5000);
});
