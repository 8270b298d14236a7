/** What Key Vault answers about a secret (`SecretBundle`): its value, and whether it is in force. */
import { FetchFailure } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { parseJsonObject, textField, type JsonObject } from "../../json-object.ts";
import { isJsonObject, textBytes } from "../exact-json.ts";
import { isIdOf, type Place } from "./vaults.ts";

/** A secret, the vault that was asked for it, and the version that must be its answer, if any. */
export interface AskedSecret extends Pick<Place, "server" | "name"> {
  readonly version: string | undefined;
}

/**
 * @param what was asked, as messages name it
 * @param response of status 200
 * @param asked what was asked for
 * @param now milliseconds since 1970
 * @throws FetchFailure
 */
export function readSecretBundle(what: string, { body }: HttpResponse, asked: AskedSecret, now: number): Uint8Array {
  const bundle = parseJsonObject(body);
  if (bundle === undefined) throw wrong(`${what}: the answer is no JSON object`);
  const value = textField(bundle, "value");
  const attributes = Object.hasOwn(bundle, "attributes") ? bundle["attributes"] : undefined;
  if (value === undefined || !isJsonObject(attributes)) throw wrong(`${what}: the answer holds no value`);
  const id = textField(bundle, "id") ?? "";
  if (!isIdOf(asked, id)) throw wrong(`${what}: the answer is not of this secret`);
  if (asked.version !== undefined && id.split("/").at(-1)?.toLowerCase() !== asked.version.toLowerCase())
    throw wrong(`${what}: the answer holds another version`);
  checkInForce(what, attributes, now);
  return textBytes(value) ?? noText(what);
}

/** Key Vault serves a secret before its time and after it: both dates are for the reader to heed. */
function checkInForce(what: string, attributes: JsonObject, now: number): void {
  if (attributes["enabled"] !== true)
    throw new FetchFailure("disabled", `${what} is disabled`, "Enable the version, or ask for another.");
  const fix = "Set the dates of the version anew, or ask for another version.";
  const [begin, end] = [dateIn(attributes, "nbf", what), dateIn(attributes, "exp", what)];
  if (end !== undefined && end <= now) throw new FetchFailure("disabled", `${what} expired on ${dayOf(end)}`, fix);
  if (begin !== undefined && begin > now)
    throw new FetchFailure("disabled", `${what} is not in force before ${dayOf(begin)}`, fix);
}

/** @returns milliseconds since 1970; Key Vault counts seconds */
function dateIn(attributes: JsonObject, name: string, what: string): number | undefined {
  const seconds = Object.hasOwn(attributes, name) ? (attributes[name] ?? undefined) : undefined;
  if (seconds === undefined) return undefined;
  if (typeof seconds === "number" && Number.isFinite(seconds)) return seconds * 1000;
  throw wrong(`${what}: the answer holds a date that is none`);
}

function dayOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "a day that no calendar has" : date.toISOString();
}

function noText(what: string): never {
  const cause = `${what}: the value is no text: half of a character stands alone`;
  throw new FetchFailure("unusable-value", cause, "Store it in base64.");
}

function wrong(cause: string): FetchFailure {
  return new FetchFailure(
    "invalid-answer",
    cause,
    "Check vault and proxy: something else than Azure may answer there.",
  );
}
