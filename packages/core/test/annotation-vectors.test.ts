/** Flyte's own annotations, made by its Go code: written the same, read the same, refused for the same cause. */
import { describe, expect, it } from "vitest";

import { decodeRequests, encodeRequests, type MountRequirement, type SecretAsk } from "../src/index.ts";
import { decodeBase32, encodeBase32 } from "../src/requests/base32.ts";
import { thrownBy } from "./thrown.ts";
import vectors from "./vectors/annotations.json" with { type: "json" };

interface VectorSecret {
  readonly group?: string;
  readonly group_version?: string;
  readonly key?: string;
  readonly mount_requirement?: string | number;
  readonly env_var?: string;
}

function ask(secret: VectorSecret): Required<SecretAsk> {
  return {
    group: secret.group ?? "",
    groupVersion: secret.group_version ?? "",
    key: secret.key ?? "",
    mountRequirement: (secret.mount_requirement ?? "ANY") as MountRequirement,
    envVar: secret.env_var ?? "",
  };
}

/** Code and message of the catalogued error that `run` throws. */
function messageOf(run: () => unknown): string {
  const { code, message } = thrownBy(run);
  return `${code} ${message}`;
}

describe("writing requests as annotations", () => {
  for (const vector of vectors.encode) {
    const asks = vector.secrets.map(ask);
    if (vector.error === undefined) {
      it(`gives Flyte's bytes: ${vector.id}`, () => {
        expect(encodeRequests(asks)).toStrictEqual(vector.annotations);
      });
      it(`gives what is read again: ${vector.id}`, () => {
        const read = decodeRequests(encodeRequests(asks));
        expect(read).toStrictEqual(asks.map((one, index) => ({ source: `flyte.secrets/s${index}`, ...one })));
      });
    } else {
      it(`refuses what Flyte refuses: ${vector.id}`, () => {
        expect(messageOf(() => encodeRequests(asks))).toBe(`E_MOUNT_REQUIREMENT ${vector.error}`);
      });
    }
  }

  it("refuses a request that takes more than 262144 bytes", () => {
    const message = messageOf(() => encodeRequests([{ group: "g".repeat(262_144), key: "k" }]));
    expect(message).toMatch(/^E_ANNOTATION secret descriptor cannot exceed \[262144\]/);
  });
});

describe("reading an annotation", () => {
  for (const vector of vectors.decode) {
    const { annotation_key: key, annotation_value: value, error, secret } = vector;
    const read = (): unknown => decodeRequests({ [key]: value });
    if (error !== undefined) {
      it(`refuses with Flyte's cause: ${vector.id}`, () => {
        const cause = error.replace(`error unmarshaling secret [${key}]. Error: `, "");
        expect(messageOf(read)).toBe(`E_ANNOTATION annotation ${key}: ${cause}`);
      });
    } else if (typeof (secret as VectorSecret).mount_requirement === "number") {
      it(`refuses a mount requirement that no manager knows: ${vector.id}`, () => {
        const number = (secret as VectorSecret).mount_requirement;
        expect(messageOf(read)).toBe(
          `E_MOUNT_REQUIREMENT annotation ${key}: unrecognized mount requirement [${number}] for key "k"`,
        );
      });
    } else if (vector.key_bytes_base64 === undefined) {
      it(`gives Flyte's fields: ${vector.id}`, () => {
        expect(read()).toStrictEqual([{ source: key, ...ask(secret) }]);
      });
    } else {
      it(`takes bytes that are no UTF-8, as U+FFFD: ${vector.id}`, () => {
        const bytes = Uint8Array.from(atob(vector.key_bytes_base64), (unit) => unit.charCodeAt(0));
        expect(read()).toStrictEqual([{ source: key, ...ask({ key: new TextDecoder().decode(bytes) }) }]);
      });
    }
  }
});

describe("reading all annotations of a pod", () => {
  for (const vector of vectors.multi_annotation) {
    it(vector.id, () => {
      const read = (): readonly unknown[] => decodeRequests(vector.annotations);
      if (vector.error_prefix === undefined) expect(read()).toHaveLength(vector.secrets_count);
      else expect(messageOf(read)).toMatch(/^E_ANNOTATION annotation flyte\.secrets\/s1: /);
    });
  }
});

describe("base32", () => {
  for (const { id, raw, encoded } of vectors.base32) {
    it(`is Flyte's: ${id}`, () => {
      expect(encodeBase32(raw)).toBe(encoded);
      expect(decodeBase32(encoded)).toBe(raw);
    });
  }
});
