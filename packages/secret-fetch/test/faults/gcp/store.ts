/** What Secret Manager has, for whom, and what it may answer that makes no sense. */
import { GOOGLE_TOKEN, payloadOf } from "../../rig/secret-manager.ts";
import { VALUE, jsonAnswer, type Row } from "../stage.ts";
import { DB, googleError, type GcpStage } from "./scene.ts";

export const STORE: readonly Row<GcpStage>[] = [
  {
    when: "the identity may not read it",
    arrange: googleError(403, "PERMISSION_DENIED", { reason: "IAM_PERMISSION_DENIED", message: GOOGLE_TOKEN }),
    kind: "denied",
    message:
      /AccessSecretVersion of "projects\/orders-prod\/secrets\/db\/versions\/latest": Google refuses it, or has no such thing: it does not say which \(PERMISSION_DENIED\)/,
  },
  {
    when: "the API is not enabled",
    arrange: googleError(403, "PERMISSION_DENIED", { reason: "SERVICE_DISABLED" }),
    kind: "denied",
    message: /the API is not enabled in the project \(SERVICE_DISABLED\)\. Fix: .*gcloud services enable/,
  },
  {
    when: "the node's identity has too narrow a scope",
    arrange: googleError(403, "PERMISSION_DENIED", { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }),
    kind: "denied",
    message: /has not the scope cloud-platform/,
  },
  {
    when: "a perimeter is around it",
    arrange: googleError(403, "PERMISSION_DENIED", { reason: "SECURITY_POLICY_VIOLATED" }),
    kind: "denied",
    message: /a perimeter of VPC Service Controls refuses it/,
  },
  {
    when: "there is no such secret",
    arrange: ({ store }) => store.secrets.clear(),
    kind: "not-found",
    message: /Google has no secret or version of that name in this project \(NOT_FOUND\)/,
  },
  {
    when: "there is no such version",
    arrange: (stage) => void (stage.source = { secret: DB, version: "7" }),
    kind: "not-found",
    message: /versions\/7": Google has no secret or version/,
  },
  {
    when: "the version is disabled",
    arrange: ({ store }) => void store.secrets.set(DB, { versions: [{ data: VALUE, state: "DISABLED" }] }),
    kind: "disabled",
    message: /the version is disabled \(FAILED_PRECONDITION\)\. Fix: Enable the version/,
  },
  {
    when: "the version is destroyed",
    arrange: ({ store }) => void store.secrets.set(DB, { versions: [{ data: VALUE, state: "DESTROYED" }] }),
    kind: "disabled",
    message: /the version is destroyed \(FAILED_PRECONDITION\)/,
  },
  {
    when: "the version is disabled, of a secret with another name",
    arrange: (stage) => {
      const secret = "projects/orders-prod/secrets/DESTROYED-db";
      stage.store.secrets.set(secret, { versions: [{ data: VALUE, state: "DISABLED" }] });
      stage.source = { secret };
    },
    kind: "disabled",
    message: /the version is disabled \(FAILED_PRECONDITION\)/,
  },
  {
    when: "its key is disabled",
    arrange: googleError(400, "FAILED_PRECONDITION", { message: "never shown" }),
    kind: "disabled",
    message: /does not serve the version in its present state/,
  },
  {
    when: "Google takes the name for wrong",
    arrange: googleError(400, "INVALID_ARGUMENT"),
    kind: "wrong-request",
    message: /Google takes the call for wrong \(INVALID_ARGUMENT\)/,
  },
  {
    when: "the quota is used up",
    arrange: googleError(429, "RESOURCE_EXHAUSTED", { reason: "RATE_LIMIT_EXCEEDED" }),
    kind: "throttled",
    message: /Google has had too many calls \(RESOURCE_EXHAUSTED\)/,
  },
  {
    when: "it has a fault",
    arrange: googleError(500, "INTERNAL"),
    kind: "unavailable",
    message: /Google has a fault of its own \(INTERNAL\)/,
  },
  {
    when: "it wants patience, longer than the deadline",
    arrange: googleError(503, "UNAVAILABLE", { headers: { "retry-after": "3000" } }),
    kind: "unavailable",
    message: /Google has a fault of its own \(UNAVAILABLE\)/,
  },
];

const REGIONAL = "projects/orders-prod/locations/europe-west3/secrets/db";
const named = (payload: object | undefined): object => ({ name: `${DB}/versions/1`, payload });

export const ANSWERS: readonly Row[] = [
  {
    when: "something else than Google says that it has nothing of that name",
    arrange: jsonAnswer(404, { error: "NOT_FOUND" }),
    kind: "invalid-answer",
    message: /what answers is not Google \(HTTP 404\)/,
  },
  {
    when: "the value does not fit its checksum",
    arrange: jsonAnswer(200, named({ ...payloadOf(VALUE), dataCrc32c: "1" })),
    kind: "invalid-answer",
    message: /does not fit its checksum \(CRC32C\), twice/,
  },
  {
    when: "the answer holds no payload",
    arrange: jsonAnswer(200, named(undefined)),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "the payload holds no data",
    arrange: jsonAnswer(200, named({ dataCrc32c: "0" })),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "the data are no base64",
    arrange: jsonAnswer(200, named({ data: "!" })),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "the data are cut off",
    arrange: jsonAnswer(200, named({ data: payloadOf(VALUE).data.slice(0, -3) })),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "it serves another version",
    arrange: (stage) => {
      stage.source = { secret: DB, version: "2" };
      return jsonAnswer(200, named(payloadOf(VALUE)))(stage);
    },
    kind: "invalid-answer",
    message: /the answer holds another version/,
  },
  ...(
    [
      [DB, "projects/123456789012/secrets/DB/versions/1"],
      [DB, "projects/123456789012/secrets/old-db/versions/1"],
      [DB, "projects/123456789012/secrets/db"],
      [DB, "projects/orders-test/secrets/db/versions/1"],
      [DB, "projects/123456789012/locations/europe-west3/secrets/db/versions/1"],
      [DB, undefined],
      ["projects/123456789012/secrets/db", "projects/123456789013/secrets/db/versions/1"],
      [REGIONAL, "projects/123456789012/secrets/db/versions/1"],
      [REGIONAL, "projects/123456789012/locations/europe-west4/secrets/db/versions/1"],
    ] as const
  ).map(([secret, name]): Row => ({
    when: `${secret} is asked for, and it serves ${name ?? "a secret without a name"}`,
    arrange: (stage) => {
      stage.source = { secret };
      return jsonAnswer(200, { name, payload: payloadOf(VALUE) })(stage);
    },
    kind: "invalid-answer",
    message:
      /AccessSecretVersion of "projects\/.*\/secrets\/db\/versions\/latest": the answer is not of this secret\. Fix: Check url and proxy/,
  })),
];

export const REQUESTS: readonly Row[] = [
  {
    when: "no project is known",
    arrange: (stage) => void (stage.source = { secret: "db" }),
    kind: "wrong-request",
    message: /the secret "db" is named without a project, and no project is known/,
  },
  {
    when: "the store is not encrypted",
    arrange: (stage) => stage.replaceStore("http://secrets.example.com"),
    kind: "wrong-request",
    message: /url is not encrypted/,
  },
];
