/** What Key Vault has, for whom, and what it may answer that makes no sense. */
import { VALUE, jsonAnswer, type Row } from "../stage.ts";
import { vaultError, type AzureStage } from "./scene.ts";

const IN_FORCE = { enabled: true };
const YEAR = 31_536_000;
const seconds = (): number => Math.floor(Date.now() / 1000);

const withAttributes =
  (attributes: () => object): Row<AzureStage>["arrange"] =>
  ({ store }) =>
    void store.secrets.set("db", [{ value: VALUE, attributes: attributes() }]);

export const STORE: readonly Row<AzureStage>[] = [
  {
    when: "the identity may not read it, by an access policy",
    arrange: vaultError(403, "Forbidden", { inner: "AccessDenied" }),
    kind: "denied",
    message: /secret "db" of "127\.0\.0\.1:\d+": Key Vault refuses it to this identity \(AccessDenied, request /,
  },
  {
    when: "the identity may not read it, by a role",
    arrange: vaultError(403, "Forbidden", { inner: "ForbiddenByRbac" }),
    kind: "denied",
    message: /refuses it to this identity \(ForbiddenByRbac.* Fix: .*Key Vault Secrets User/,
  },
  {
    when: "the vault's firewall is in the way",
    arrange: vaultError(403, "Forbidden", { inner: "ForbiddenByFirewall" }),
    kind: "denied",
    message: /the vault's firewall refuses the pod's address \(ForbiddenByFirewall/,
  },
  {
    when: "there is no such secret",
    arrange: ({ store }) => store.secrets.clear(),
    kind: "not-found",
    message: /the vault has no secret or version of that name \(SecretNotFound/,
  },
  {
    when: "there is no such version",
    arrange: (stage) => void (stage.source = { secret: "db", version: "1".repeat(32) }),
    kind: "not-found",
    message: /the vault has no secret or version of that name \(SecretNotFound/,
  },
  {
    when: "the secret is disabled, and Key Vault says so",
    arrange: vaultError(403, "Forbidden", { inner: "SecretDisabled" }),
    kind: "disabled",
    message: /the secret is disabled \(SecretDisabled/,
  },
  {
    when: "the secret is disabled, and Key Vault says so in another spelling",
    arrange: jsonAnswer(403, { error: { code: "Forbidden", innerError: { code: "SecretDisabled" } } }),
    kind: "disabled",
    message: /the secret is disabled \(SecretDisabled/,
  },
  {
    when: "the secret is disabled, and is served",
    arrange: withAttributes(() => ({ enabled: false })),
    kind: "disabled",
    message: /secret "db" of "127\.0\.0\.1:\d+" is disabled\. Fix: Enable the version/,
  },
  {
    when: "the secret does not say whether it is enabled",
    arrange: withAttributes(() => ({})),
    kind: "disabled",
    message: /is disabled/,
  },
  {
    when: "the secret has expired",
    arrange: withAttributes(() => ({ ...IN_FORCE, exp: seconds() - YEAR })),
    kind: "disabled",
    message: /secret "db" of "127\.0\.0\.1:\d+" expired on \d{4}-\d\d-\d\dT/,
  },
  {
    when: "the secret is not in force yet",
    arrange: withAttributes(() => ({ ...IN_FORCE, nbf: seconds() + YEAR })),
    kind: "disabled",
    message: /is not in force before \d{4}-\d\d-\d\dT/,
  },
  {
    when: "the secret begins on no day of the calendar",
    arrange: withAttributes(() => ({ ...IN_FORCE, nbf: 1e300 })),
    kind: "disabled",
    message: /is not in force before a day that no calendar has/,
  },
  {
    when: "the secret is deleted",
    arrange: vaultError(409, "Conflict", { inner: "ObjectIsDeletedButRecoverable" }),
    kind: "disabled",
    message: /the secret is deleted \(ObjectIsDeletedButRecoverable/,
  },
  {
    when: "Key Vault takes the name for wrong",
    arrange: vaultError(400, "BadParameter"),
    kind: "wrong-request",
    message: /Key Vault takes the call for wrong \(BadParameter/,
  },
  {
    when: "Key Vault says what nobody knows",
    arrange: vaultError(404, "NoSuchThing"),
    kind: "wrong-request",
    message: /Key Vault takes the call for wrong \(NoSuchThing/,
  },
  {
    when: "the vault has had too many calls",
    arrange: vaultError(429, "Throttled", { headers: { "retry-after": "3000" } }),
    kind: "throttled",
    message: /Azure has had too many calls \(Throttled/,
  },
  {
    when: "it has a fault",
    arrange: vaultError(500, "InternalServerError"),
    kind: "unavailable",
    message: /Azure has a fault of its own \(InternalServerError, request 6f1c2a3b-/,
  },
];

const ID = `https://orders-prod.vault.azure.net/secrets/db/${"2".repeat(32)}`;

export const ANSWERS: readonly Row[] = [
  {
    when: "something else than Azure says that it has nothing of that name",
    arrange: jsonAnswer(404, { error: "SecretNotFound" }),
    kind: "invalid-answer",
    message: /what answers is not Azure \(HTTP 404\)/,
  },
  {
    when: "the answer holds no value",
    arrange: jsonAnswer(200, { id: ID, attributes: IN_FORCE }),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "the value is no text",
    arrange: jsonAnswer(200, { id: ID, value: 5, attributes: IN_FORCE }),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "the answer holds no attributes",
    arrange: jsonAnswer(200, { id: ID, value: VALUE }),
    kind: "invalid-answer",
    message: /the answer holds no value/,
  },
  {
    when: "a date is none",
    arrange: jsonAnswer(200, { id: ID, value: VALUE, attributes: { ...IN_FORCE, exp: "2099" } }),
    kind: "invalid-answer",
    message: /holds a date that is none/,
  },
  {
    when: "it serves another version",
    arrange: (stage) => {
      stage.source = { secret: "db", version: "1".repeat(32) };
      return jsonAnswer(200, { id: ID, value: VALUE, attributes: IN_FORCE })(stage);
    },
    kind: "invalid-answer",
    message: /the answer holds another version/,
  },
  ...[
    ID.replace("/db/", "/old-db/"),
    ID.replace("/secrets/", "/keys/"),
    ID.replace("/secrets/db", "/deletedsecrets/secrets/db"),
    `${ID}/more`,
    "db",
    undefined,
  ].map((id): Row => ({
    when: `it serves ${id ?? "a secret without an id"}`,
    arrange: jsonAnswer(200, { id, value: VALUE, attributes: IN_FORCE }),
    kind: "invalid-answer",
    message: /secret "db" of "127\.0\.0\.1:\d+": the answer is not of this secret\. Fix: Check vault and proxy/,
  })),
  {
    when: "half of a character stands alone",
    arrange: jsonAnswer(200, { id: ID, value: "\ud83d", attributes: IN_FORCE }),
    kind: "unusable-value",
    message: /half of a character stands alone/,
  },
];

export const REQUESTS: readonly Row[] = [
  {
    when: "no vault is known",
    arrange: (stage) => void (stage.settings = {}),
    kind: "wrong-request",
    message: /the secret "db" is named without a vault, and no vault is known/,
  },
  {
    when: "the vault is nobody's of Azure",
    arrange: (stage) => void (stage.source = { secret: "https://evil.example/secrets/db" }),
    kind: "wrong-request",
    message: /"https:\/\/evil\.example" is no vault of Key Vault, so it gets no token/,
  },
  {
    when: "the store is not encrypted",
    arrange: (stage) => stage.replaceStore("http://secrets.example.com"),
    kind: "wrong-request",
    message: /vault is not encrypted/,
  },
];
