/** What Confidant answers about a service (release 7.0.0, `GET /v1/services/<id>`): all its credentials, with values. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../../failure.ts";
import { isExactObject, numberText, parseExactJson, valueBytes, type ExactObject } from "../exact-json.ts";
import type { ConfidantSource } from "./settings.ts";

export interface ServiceDocument {
  readonly id: string;
  /** Confidant serves what is disabled as well: it is up to the caller not to take it. */
  readonly isEnabled: boolean;
  /** In no order that would mean anything. */
  readonly credentials: readonly Credential[];
  /** Names of credentials that only their clients can decrypt. */
  readonly blindNames: readonly string[];
}

interface Credential {
  readonly name: string;
  readonly isEnabled: boolean;
  /** A positive integer, as it is written. */
  readonly revision: string;
  readonly pairs: ExactObject;
}

/** @returns undefined when it is no such document */
export function parseServiceDocument(body: Uint8Array): ServiceDocument | undefined {
  const document = parseExactJson(body);
  if (!isExactObject(document) || typeof document["id"] !== "string") return undefined;
  const { id, enabled, credentials, blind_credentials: blind = [] } = document as ExactObject & { id: string };
  if (!Array.isArray(credentials) || !Array.isArray(blind)) return undefined;
  const parsed = credentials.map(parseCredential);
  const known = parsed.filter((credential) => credential !== undefined);
  if (known.length < parsed.length) return undefined;
  const blindNames = blind
    .map((entry: unknown) => (isExactObject(entry) ? entry["name"] : undefined))
    .filter((name) => typeof name === "string");
  return { id, isEnabled: enabled === true, credentials: known, blindNames };
}

function parseCredential(entry: unknown): Credential | undefined {
  if (!isExactObject(entry)) return undefined;
  const { name, enabled, credential_pairs: pairs } = entry;
  const revision = numberText(entry["revision"]);
  if (typeof name !== "string" || revision === undefined || !isExactObject(pairs)) return undefined;
  return { name, isEnabled: enabled === true, revision, pairs };
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
  if (source.revision !== undefined && String(source.revision) !== credential.revision) {
    throw new FetchFailure(
      "wrong-version",
      `${what} has revision ${quoted(credential.revision, 20)}, not ${source.revision}`,
      "Ask for the revision that is there: Confidant serves no other. Or ask for none.",
    );
  }
  return bytesOf(credential.pairs, source.key, what);
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

function bytesOf(pairs: ExactObject, key: string, what: string): Uint8Array {
  const stored = key.toLowerCase();
  if (!Object.hasOwn(pairs, stored)) {
    const fix = "Correct the key, or add it to the credential.";
    throw new FetchFailure("not-found", `${what} has no key ${quoted(key, 160)}`, fix);
  }
  const bytes = valueBytes(pairs[stored]);
  if (bytes !== undefined) return bytes;
  throw new FetchFailure(
    "unusable-value",
    `key ${quoted(key, 160)} of ${what} is no text, number, true or false`,
    "Make it a text.",
  );
}
