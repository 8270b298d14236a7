/** How secrets are named in each store: what Flyte's own functions gave. */
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { encodedName, type ScopedName } from "../src/scope.ts";
import { azureValue } from "../src/stores/azure-names.ts";
import { storeKind } from "../src/stores/kinds.ts";

interface NameVector {
  readonly id: string;
  readonly org: string;
  readonly domain: string;
  readonly project: string;
  readonly name: string;
  readonly encoded: string;
  readonly key: string;
  readonly k8s_secret_name: string;
}

const path = new URL("../../core/test/vectors/mutations.json", import.meta.url);
const { v2_names: names } = JSON.parse(readFileSync(path, "utf8")) as { readonly v2_names: readonly NameVector[] };

const NAME: ScopedName = { organization: "flyte", domain: "", project: "", key: "repro_secret" };

describe("a secret is named as Flyte names it", () => {
  const encoded = names.filter(({ id }) => id === "v2-encode-name");

  test.each(encoded)("v2-encode-name: $encoded", ({ org, domain, project, name, encoded: expected }) => {
    expect(encodedName({ organization: org, domain, project, key: name })).toBe(expected);
  });

  test("in a vector for each scope", () => {
    expect(encoded).toHaveLength(3);
  });

  test("v2-k8s-md5-name-encoded: in Kubernetes by the MD5 of that name, with the name as key", () => {
    const vector = names.find(({ id }) => id === "v2-k8s-md5-name-encoded");
    const kind = storeKind("k8s", {}, {});
    expect(kind.source(NAME)).toEqual({ name: vector?.k8s_secret_name, dataKey: vector?.key });
  });

  test("and in AWS and Google Cloud by that name", () => {
    const aws = storeKind("aws", {}, {});
    const gcp = storeKind("gcp", {}, {});
    expect(aws.source(NAME)).toEqual({ secretId: "u__org__flyte__domain____project____key__repro_secret" });
    expect(gcp.source(NAME)).toEqual({ secret: "u__org__flyte__domain____project____key__repro_secret" });
  });

  test.each([
    [{ organization: "flyte", domain: "d", project: "p", key: "foo" }, "1-flyte-d-p-MZXW6"],
    [{ organization: "o-1", domain: "d0", project: "", key: "f" }, "1-o011-d00--MY"],
  ])("and in Azure by its parts, with the key in base32: %j", (name, expected) => {
    expect(storeKind("azure", {}, {}).source(name)).toEqual({ secret: expected });
  });
});

describe("a value in Azure", () => {
  const stored = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

  test("is in JSON, as text or as base64", () => {
    expect(azureValue(stored({ type: "STRING", value: "ü\n" }))).toEqual(Buffer.from("ü\n"));
    expect(azureValue(stored({ type: "BINARY", value: "AAH/" }))).toEqual(Buffer.from([0, 1, 255]));
  });

  test.each([["text"], [{ type: "OTHER", value: "s3cr3t" }], [{ type: "BINARY", value: "s3cr3t!" }], [null]])(
    "that is not stored so is refused, and not told: %j",
    (value) => {
      expect(() => azureValue(stored(value))).toThrow(
        expect.objectContaining({ kind: "unusable-value", message: expect.not.stringContaining("s3cr3t") }),
      );
    },
  );
});
