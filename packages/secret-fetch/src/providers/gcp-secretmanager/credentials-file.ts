/** The file of Application Default Credentials (AIP-4110): what is read of it, and which kinds are refused. */
import { quoted } from "@pod-secrets/core";
import * as z from "zod/mini";

import { FetchFailure } from "../../failure.ts";
import { parseJsonObject, textField, type JsonObject } from "../../json-object.ts";
import { absolutePath, lineOfText } from "../../settings.ts";

/** The key of a service account (AIP-4112). */
export interface ServiceAccountKey {
  readonly type: "service_account";
  readonly client_email: string;
  readonly private_key_id?: string | undefined;
  /** PKCS #8 in PEM. */
  readonly private_key: string;
  readonly token_uri: string;
}

/** Workload identity federation (AIP-4117), with a token that is in a file. */
export interface ExternalAccount {
  readonly type: "external_account";
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly service_account_impersonation_url?: string | undefined;
  readonly credential_source: TokenSource;
}

/** How the file holds it: alone, or as a field of a JSON object. */
type TokenFormat = { readonly type: "text" } | { readonly type: "json"; readonly subject_token_field_name: string };

/** Where the token of the pod is. */
interface TokenSource {
  readonly file: string;
  readonly format?: TokenFormat | undefined;
}

export type GoogleCredentials = ServiceAccountKey | ExternalAccount;

/** Tokens and keys go there: neither in the clear, nor with a password that somebody wrote into the address. */
const httpsUrl = z.string().check(
  z.maxLength(2048),
  z.refine((text) => {
    const url = URL.parse(text);
    return url?.protocol === "https:" && url.username === "" && url.password === "";
  }, "must be an address with https:"),
);

const serviceAccountKey = z.object({
  type: z.literal("service_account"),
  client_email: lineOfText(320),
  private_key_id: z.optional(lineOfText(256)),
  private_key: z.string().check(z.minLength(1), z.maxLength(16_384)),
  token_uri: z._default(httpsUrl, "https://oauth2.googleapis.com/token"),
});

const tokenFormat = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text") }),
  z.object({ type: z.literal("json"), subject_token_field_name: lineOfText(256) }),
]);

const externalAccount = z.object({
  type: z.literal("external_account"),
  audience: lineOfText(2048),
  subject_token_type: lineOfText(256),
  token_url: httpsUrl,
  service_account_impersonation_url: z.optional(httpsUrl),
  credential_source: z.object({ file: absolutePath, format: z.optional(tokenFormat) }),
});

const credentials: z.ZodMiniType<GoogleCredentials> = z.discriminatedUnion("type", [
  serviceAccountKey,
  externalAccount,
]);

/** @param path of the file, for messages. @throws FetchFailure `wrong-request`; it never shows what the file holds */
export function parseCredentials(content: Uint8Array, path: string): GoogleCredentials {
  const name = `the credentials file ${quoted(path, 160)}`;
  const object = parseJsonObject(content);
  if (object === undefined) throw wrong(`${name} is no JSON object`, "Mount the file that Google wrote.");
  refuseOthers(object, name);
  const { data, error } = z.safeParse(credentials, object);
  if (data !== undefined) return data;
  const places = error.issues.map(({ path: keys, message }) => `${keys.join(".")}: ${message}`);
  throw wrong(`${name} cannot be used: ${places.join("; ")}`, "Mount the file that Google wrote.");
}

const FEDERATE =
  "Use Workload Identity Federation with the service account's projected token: credential_source.file, written by " +
  "gcloud iam workload-identity-pools create-cred-config --credential-source-file.";

/** Kinds that would run a program, ask an address, or act as a person. */
function refuseOthers(object: JsonObject, name: string): void {
  const type = textField(object, "type") ?? "";
  if (type === "authorized_user")
    throw wrong(`${name} is that of a person (gcloud auth application-default login)`, FEDERATE);
  if (type !== "service_account" && type !== "external_account")
    throw wrong(`${name} has the type ${quoted(type, 64)}, which is not taken`, FEDERATE);
  const source = object["credential_source"];
  if (type === "service_account" || typeof source !== "object" || source === null || "file" in source) return;
  const other = ["executable", "url", "certificate", "environment_id"].find((key) => key in source);
  throw wrong(`${name} takes its token from ${other ?? "no file"}: only a file is taken`, FEDERATE);
}

function wrong(cause: string, fix: string): FetchFailure {
  return new FetchFailure("wrong-request", cause, fix);
}
