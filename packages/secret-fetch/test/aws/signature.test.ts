/** Our signature beside that of AWS' own library. */
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { sign, type AwsCredentials, type UnsignedCall } from "../../src/aws/signature.ts";
import { signedByAws } from "../rig/aws-signature.ts";

const credentials: fc.Arbitrary<AwsCredentials> = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{1,40}$/),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9/+=]{1,100}$/),
  },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);

const calls: fc.Arbitrary<UnsignedCall> = fc.record({
  url: fc
    .constantFrom(
      "https://secretsmanager.us-east-1.amazonaws.com",
      "http://127.0.0.1:4566",
      "https://proxy.example.com:8443/aws/secrets-manager_1.0/",
    )
    .map((text) => new URL(text)),
  headers: fc.record({
    "content-type": fc.constant("application/x-amz-json-1.1"),
    "x-amz-target": fc.stringMatching(/^ ?[a-zA-Z.]{1,30}( {1,3}[a-z]{1,3})?$/),
  }),
  body: fc.string({ unit: "grapheme", maxLength: 200 }),
  service: fc.constantFrom("secretsmanager", "kms", "sts"),
  region: fc.constantFrom("us-east-1", "eu-central-1", "us-gov-west-1"),
  time: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2099, 0) }),
});

test("is the one that AWS' own library makes", async () => {
  await fc.assert(
    fc.asyncProperty(calls, credentials, async (call, identity) => {
      const { authorization, "x-amz-date": date } = await signedByAws(call, identity);
      expect(sign(call, identity)).toMatchObject({ authorization, "x-amz-date": date });
    }),
    { numRuns: 300 },
  );
});

test("sends the session token of temporary credentials along, signed", () => {
  const call: UnsignedCall = {
    url: new URL("https://kms.us-east-1.amazonaws.com"),
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: "{}",
    service: "kms",
    region: "us-east-1",
    time: Date.UTC(2026, 0),
  };
  const signed = sign(call, { accessKeyId: "AKID", secretAccessKey: "key", sessionToken: "token" });
  expect(signed["x-amz-security-token"]).toBe("token");
  expect(signed["authorization"]).toContain("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,");
});
