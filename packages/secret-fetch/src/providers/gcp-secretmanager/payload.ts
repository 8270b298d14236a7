/** What Secret Manager answers about a version (`AccessSecretVersionResponse`): its name, its bytes, their checksum. */
import { FetchFailure } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { parseJsonObject, textField } from "../../json-object.ts";
import { base64Bytes } from "../base64.ts";
import { isJsonObject } from "../exact-json.ts";
import { crc32c } from "./crc32c.ts";
import { isSameSecret } from "./source.ts";

export type Payload =
  | { readonly isWhole: true; readonly bytes: Uint8Array }
  /** The checksum is of other bytes: they were damaged on the way, and may come whole the next time. */
  | { readonly isWhole: false };

/**
 * @param what was asked, as messages name it
 * @param response of status 200
 * @param secret that was asked for: `projects/P/secrets/NAME` or `projects/P/locations/L/secrets/NAME`
 * @param version that was asked for
 * @throws FetchFailure `invalid-answer`
 */
export function readPayload(what: string, { body }: HttpResponse, secret: string, version: string): Payload {
  const answer = parseJsonObject(body);
  if (answer === undefined) throw wrong(`${what}: the answer is no JSON object`);
  const [, name = "", number] = /^(.+)\/versions\/([^/]+)$/.exec(textField(answer, "name") ?? "") ?? [];
  if (!isSameSecret(name, secret)) throw wrong(`${what}: the answer is not of this secret`);
  // An alias and `latest` are answered by number.
  if (/^[0-9]+$/.test(version) && number !== version) throw wrong(`${what}: the answer holds another version`);
  const payload = Object.hasOwn(answer, "payload") ? answer["payload"] : undefined;
  const data = isJsonObject(payload) ? textField(payload, "data") : undefined;
  const bytes = data === undefined ? undefined : base64Bytes(data);
  if (!isJsonObject(payload) || bytes === undefined) throw wrong(`${what}: the answer holds no value`);
  // Versions that were added long ago have none.
  const checksum = textField(payload, "dataCrc32c") ?? "";
  return checksum === "" || checksum === String(crc32c(bytes)) ? { isWhole: true, bytes } : { isWhole: false };
}

/** @param what was asked, as messages name it */
export function damagedTwice(what: string): FetchFailure {
  return wrong(`${what}: the value does not fit its checksum (CRC32C), twice`);
}

function wrong(cause: string): FetchFailure {
  return new FetchFailure("invalid-answer", cause, "Check url and proxy: something else than Google may answer there.");
}
