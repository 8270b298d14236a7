/** Requests as annotations: what is written is read again, by us and by another parser, and so is what others write. */
import { create, type MessageShape } from "@bufbuild/protobuf";
import { fromText, toText } from "@bufbuild/protobuf/txtpb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeRequests, encodeRequests, type SecretAsk } from "../../src/index.ts";
import { decodeBase32, encodeBase32, encodeBase32Bytes } from "../../src/requests/base32.ts";
import { byteText } from "../../src/requests/byte-text.ts";
import { parseSecret } from "../../src/requests/text-format.ts";
import { arbitraryTextAsk } from "./arbitraries.ts";
import { expectEqual } from "./patch-result.ts";
import { PROPERTY_TIMEOUT, RANDOM, RUNS } from "./runs.ts";
import { SECRET_SCHEMA } from "./secret-schema.ts";
import { arbitrarySecretText } from "./secret-text.ts";

const MOUNT_REQUIREMENTS = ["ANY", "ENV_VAR", "FILE"] as const;

describe("requests as annotations", { timeout: PROPERTY_TIMEOUT }, () => {
  it("are read as they were written", () => {
    fc.assert(
      fc.property(fc.array(arbitraryTextAsk(), { maxLength: 12 }), (asks) => {
        const read = decodeRequests(encodeRequests(asks));
        expectEqual(
          read,
          asks.map((ask, index) => ({ source: `flyte.secrets/s${index}`, ...ask })),
        );
      }),
      RANDOM,
    );
  });

  it("are read by another parser as they were written", () => {
    fc.assert(
      fc.property(arbitraryTextAsk(), (ask) => {
        const [value = ""] = Object.values(encodeRequests([ask]));
        expectEqual(value, base32(new TextEncoder().encode(textOf(value))));
        expectEqual(fieldsOf(fromText(SECRET_SCHEMA, textOf(value))), numbered(ask));
      }),
      RANDOM,
    );
  });

  it("are read from what another writer makes of them", () => {
    fc.assert(
      fc.property(arbitraryTextAsk(), (ask) => {
        const text = toText(SECRET_SCHEMA, create(SECRET_SCHEMA, { ...numbered(ask) }));
        expectEqual(decodeRequests({ "flyte.secrets/s0": encodeBase32(text) }), [
          { source: "flyte.secrets/s0", ...ask },
        ]);
      }),
      RANDOM,
    );
  });
});

describe("a message in the text format", { timeout: PROPERTY_TIMEOUT }, () => {
  it("is read, or refused, as by another parser", () => {
    let read = 0;
    fc.assert(
      fc.property(arbitrarySecretText(), (text) => {
        const wanted = orRefused(() => fieldsOf(fromText(SECRET_SCHEMA, text)));
        if (wanted !== REFUSED) read++;
        expectEqual(
          orRefused(() => parseSecret(byteText([...new TextEncoder().encode(text)]), (cause) => new Error(cause))),
          wanted,
        );
      }),
      RANDOM,
    );
    expect(read).toBeGreaterThan(RUNS / 4);
    expect(RUNS - read).toBeGreaterThan(RUNS / 10);
  });
});

describe("base32", { timeout: PROPERTY_TIMEOUT }, () => {
  it("is five bits a letter, and gives the bytes again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const encoded = encodeBase32Bytes(bytes);
        expectEqual(encoded, base32(bytes));
        expectEqual(decodeBase32(encoded), byteText([...bytes]));
      }),
      RANDOM,
    );
  });

  it("passes over the ends of lines, and says after how many letters it ends", () => {
    const ILLEGAL = ["0", "7", "A", "=", "\0", "é", "\u0161", "😀"];
    const arbitraryUnit = fc.oneof(
      { arbitrary: fc.constantFrom("\n", "\r", "\r\n"), weight: 6 },
      { arbitrary: fc.constantFrom(...ILLEGAL), weight: 1 },
    );
    let refused = 0;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 20 }),
        fc.array(fc.tuple(fc.nat(32), arbitraryUnit), { maxLength: 3 }),
        (bytes, put) => {
          const units = [...encodeBase32Bytes(bytes)];
          for (const [at, unit] of put) units.splice(Math.min(at, units.length), 0, unit);
          const letters = units.filter((unit) => !/^[\r\n]+$/.test(unit));
          const illegalAt = letters.findIndex((unit) => ILLEGAL.includes(unit));
          if (illegalAt !== -1) refused++;
          expectEqual(decodeBase32(units.join("")), illegalAt === -1 ? byteText([...bytes]) : { illegalAt });
        },
      ),
      RANDOM,
    );
    expect(refused).toBeGreaterThan(RUNS / 20);
    expect(RUNS - refused).toBeGreaterThan(RUNS / 4);
  });
});

/** The same from its definition: all bits in a row, filled up with zeros. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups
    .map((group) => "abcdefghijklmnopqrstuvwxyz123456".charAt(Number.parseInt(group.padEnd(5, "0"), 2)))
    .join("");
}

/** What is written is ASCII. */
function textOf(value: string): string {
  const text = decodeBase32(value);
  if (typeof text !== "string") throw new Error(`${value} is no base32`);
  return text;
}

function fieldsOf(message: MessageShape<typeof SECRET_SCHEMA>): object {
  const { $typeName: _, ...fields } = message;
  return fields;
}

function numbered({ mountRequirement, ...texts }: Required<SecretAsk>): object {
  return { ...texts, mountRequirement: MOUNT_REQUIREMENTS.indexOf(mountRequirement) };
}

const REFUSED = "refused";

function orRefused(read: () => object): object | typeof REFUSED {
  try {
    return read();
  } catch {
    return REFUSED;
  }
}
