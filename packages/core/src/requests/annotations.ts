/**
 * Pod annotations <-> secret requests. Flyte's propeller writes one annotation `flyte.secrets/s<N>` per
 * secret (v1.16.8, `flyteplugins/go/tasks/pluginmachinery/utils/secrets`).
 */
import { SecretError, isSecretError } from "../errors.ts";
import type { Annotations } from "../pod.ts";
import { oneLine, quoted } from "../printable.ts";
import { describeSource, type MountRequirement, type SecretAsk, type SecretRequest } from "../request.ts";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import { parseSecret, printSecret } from "./text-format.ts";

/** Every annotation whose key starts so holds a request, also where no number follows. */
export const ANNOTATION_PREFIX = "flyte.secrets/s";
/** Label by which the webhook's registration selects pods. */
export const INJECT_LABEL = "inject-flyte-secrets";
/** Most secrets that one pod may ask for. Each takes time, and all admissions share one thread. */
export const MAX_SECRETS = 256;
/** Longest annotation value, as in Flyte's `secret descriptor cannot exceed [262144]`. */
const MAX_VALUE_LENGTH = 262_144;

const MOUNT_REQUIREMENTS: readonly MountRequirement[] = ["ANY", "ENV_VAR", "FILE"];

/**
 * Reads the requests of a pod, in the order of the number in the annotation key (s2 before s10); keys without
 * a number come last, by name.
 * @throws SecretError `E_ANNOTATION` or `E_MOUNT_REQUIREMENT` with the first annotations that are wrong,
 * `E_TOO_MANY_SECRETS`
 */
export function decodeRequests(annotations: Annotations | null | undefined): readonly SecretRequest[] {
  if (annotations === undefined || annotations === null) return [];
  const found = Object.entries(annotations).filter((annotation) => annotation[0].startsWith(ANNOTATION_PREFIX));
  if (found.length > MAX_SECRETS) {
    const message = `the pod asks for ${found.length} secrets, and at most ${MAX_SECRETS} are given`;
    throw new SecretError("E_TOO_MANY_SECRETS", message);
  }
  return decodeAll(inOrder(found));
}

/** Most wrong annotations that are told in one message; it is cut after 1,000 bytes anyway. */
const MAX_FAULTS = 5;

/** Reads on after a fault, so that whoever mends the pod learns of all at once. */
function decodeAll(found: readonly (readonly [string, string])[]): readonly SecretRequest[] {
  const requests: SecretRequest[] = [];
  const faults: SecretError[] = [];
  for (const [source, value] of found) {
    try {
      requests.push(decodeRequest(source, value));
    } catch (error) {
      if (!isSecretError(error)) throw error;
      faults.push(error);
      if (faults.length === MAX_FAULTS) break;
    }
  }
  const [first] = faults;
  if (first === undefined) return requests;
  if (faults.length === 1) throw first;
  const fixes = new Set(faults.map(({ fix }) => fix));
  throw new SecretError(first.code, faults.map(({ message }) => message).join("; "), [...fixes].join(" "));
}

/**
 * Writes requests as annotations, as Flyte's propeller does; the pod also needs the label {@link INJECT_LABEL}
 * with the value `true`.
 * @throws SecretError `E_MOUNT_REQUIREMENT` for a mount requirement that does not exist, `E_ANNOTATION` when one
 * takes more than 262,144 bytes
 */
export function encodeRequests(asks: readonly SecretAsk[]): Annotations {
  return Object.fromEntries(asks.map((ask, index) => [`${ANNOTATION_PREFIX}${index}`, encodeAsk(ask)]));
}

function encodeAsk(ask: SecretAsk): string {
  const { group = "", groupVersion = "", key = "", mountRequirement = "ANY", envVar = "" } = ask;
  const number = MOUNT_REQUIREMENTS.indexOf(mountRequirement);
  if (number === -1) {
    const unknown: unknown = mountRequirement;
    throw new SecretError("E_MOUNT_REQUIREMENT", `invalid mount requirement [${oneLine(String(unknown), 63)}]`);
  }
  const value = encodeBase32(printSecret({ group, groupVersion, key, mountRequirement: number, envVar }));
  if (value.length > MAX_VALUE_LENGTH) {
    const message = `secret descriptor cannot exceed [${MAX_VALUE_LENGTH}]: group ${quoted(group)} key ${quoted(key)}`;
    throw new SecretError("E_ANNOTATION", message, "Shorten the group, the key or the env_var.");
  }
  return value;
}

function decodeRequest(source: string, value: unknown): SecretRequest {
  const malformed = (cause: string): SecretError =>
    new SecretError("E_ANNOTATION", `annotation ${describeSource(source)}: ${cause}`);
  if (typeof value !== "string") throw malformed("the value is no text");
  const bytes = decodeBase32(value);
  if (typeof bytes !== "string") throw malformed(`illegal base32 data at input byte ${bytes.illegalAt}`);
  const { group, groupVersion, key, mountRequirement: number, envVar } = parseSecret(bytes, malformed);
  const mountRequirement = MOUNT_REQUIREMENTS[number];
  if (mountRequirement === undefined) {
    const message = `annotation ${describeSource(source)}: unrecognized mount requirement [${number}] for key ${quoted(key)}`;
    throw new SecretError("E_MOUNT_REQUIREMENT", message);
  }
  // An injector that changed it would make the next one give another secret.
  return Object.freeze({ source, group, groupVersion, key, mountRequirement, envVar });
}

/** By number, then by name. Numbers of any length are compared as text: without leading zeros a longer one is greater. */
function inOrder(found: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  if (found.length < 2) return found;
  const ranked = found.map((annotation) => ({ annotation, key: annotation[0], number: numberOf(annotation[0]) }));
  ranked.sort((a, b) => a.number.length - b.number.length || compare(a.number, b.number) || compare(a.key, b.key));
  return ranked.map(({ annotation }) => annotation);
}

/** Sorts after every number that fits in a key. */
const NO_NUMBER = "x".repeat(1024);

function numberOf(key: string): string {
  const suffix = key.slice(ANNOTATION_PREFIX.length);
  return suffix.length < NO_NUMBER.length && /^[0-9]+$/.test(suffix) ? suffix.replace(/^0+/, "") : NO_NUMBER;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
