/** What Confidant answers about a service (release 7.0.0, `GET /v1/services/<id>`): all its credentials, with values. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../../failure.ts";
import type { JsonObject } from "../../json-object.ts";
import { isJsonObject, parseExactJson, valueBytes } from "../exact-json.ts";
import type { ConfidantSource } from "./settings.ts";

export interface ServiceDocument {
  readonly id: string;
  /** Confidant serves what is disabled as well: it is up to the caller not to take it. */
  readonly isEnabled: boolean;
  /** In no order that would mean anything. */
  readonly credentials: readonly Credential[];
  /** Names of credentials that only their clients can decrypt. */
  readonly blindNames: readonly string[];
  /** The document as it is written: numbers in it have digits that a double has not. */
  readonly text: string;
}

interface Credential {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly revision: number;
  readonly pairs: JsonObject;
  /** Its place in the document. */
  readonly index: number;
}

/** @returns undefined when it is no such document */
export function parseServiceDocument(body: Uint8Array): ServiceDocument | undefined {
  const { value: document, text = "" } = parseExactJson(body) ?? {};
  if (!isJsonObject(document) || typeof document["id"] !== "string") return undefined;
  const { id, enabled, credentials, blind_credentials: blind = [] } = document as JsonObject & { id: string };
  if (!Array.isArray(credentials) || !Array.isArray(blind)) return undefined;
  const parsed = credentials.map(parseCredential);
  const known = parsed.filter((credential) => credential !== undefined);
  if (known.length < parsed.length) return undefined;
  const blindNames = blind
    .map((entry: unknown) => (isJsonObject(entry) ? entry["name"] : undefined))
    .filter((name) => typeof name === "string");
  return { id, isEnabled: enabled === true, credentials: known, blindNames, text };
}

function parseCredential(entry: unknown, index: number): Credential | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { name, enabled, revision, credential_pairs: pairs } = entry;
  if (typeof name !== "string" || typeof revision !== "number" || !isJsonObject(pairs)) return undefined;
  return { name, isEnabled: enabled === true, revision, pairs, index };
}

/** @throws FetchFailure */
export function valueIn(document: ServiceDocument, source: ConfidantSource): Uint8Array {
  const service = `the service ${quoted(document.id, 128)}`;
  if (!document.isEnabled) {
    throw new FetchFailure("disabled", `${service} is disabled in Confidant`, "Enable the service, or use another.");
  }
  const credential = credentialIn(document, source.credential, service);
  const what = `the credential ${quoted(source.credential, 160)} of ${service}`;
  if (!credential.isEnabled) {
    throw new FetchFailure("disabled", `${what} is disabled in Confidant`, "Enable the credential, or use another.");
  }
  if (source.revision !== undefined && source.revision !== credential.revision) {
    throw new FetchFailure(
      "wrong-version",
      `${what} has revision ${quoted(String(credential.revision), 32)}, not ${source.revision}`,
      "Ask for the revision that is there: Confidant serves no other. Or ask for none.",
    );
  }
  return bytesOf(credential, source.key, document.text, what);
}

function credentialIn({ credentials, blindNames }: ServiceDocument, name: string, service: string): Credential {
  const [found, ...others] = credentials.filter((credential) => credential.name === name);
  const wanted = quoted(name, 160);
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined) {
    throw new FetchFailure("invalid-answer", `${service} has several credentials ${wanted}`, "Rename all but one.");
  }
  if (blindNames.includes(name)) {
    throw new FetchFailure(
      "unusable-value",
      `the credential ${wanted} of ${service} is a blind one, which Confidant itself cannot read`,
      "Keep the value in a credential that is not blind.",
    );
  }
  throw new FetchFailure(
    "not-found",
    `${service} has no credential ${wanted}`,
    "Correct the name, also its case, or map the credential to the service.",
  );
}

function bytesOf({ pairs, index }: Credential, key: string, text: string, what: string): Uint8Array {
  const stored = key.toLowerCase();
  if (!Object.hasOwn(pairs, stored)) {
    const fix = "Correct the key, or add it to the credential.";
    throw new FetchFailure("not-found", `${what} has no key ${quoted(key, 160)}`, fix);
  }
  const bytes = valueBytes(pairs[stored], text, ["credentials", index, "credential_pairs", stored]);
  if (bytes !== undefined) return bytes;
  throw new FetchFailure(
    "unusable-value",
    `key ${quoted(key, 160)} of ${what} is no text, number, true or false`,
    "Make it a text.",
  );
}
