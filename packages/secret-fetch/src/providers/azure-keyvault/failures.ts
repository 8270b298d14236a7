/** Answers of Azure -> what they mean. Their texts are not shown: they quote what was sent. */
import { failureByMeaning, type Meaning } from "../../answer-failure.ts";
import type { FetchFailure } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { oauthError } from "../../identity/oauth.ts";
import { parseJsonObject, textField } from "../../json-object.ts";
import { isJsonObject } from "../exact-json.ts";
import { AT_FAULT, DENIED, MEANINGS, NO_TOKEN, THROTTLED, WRONG } from "./meanings.ts";

/**
 * @param what was asked, as messages name it
 * @param response with a status that is no success
 * @param now milliseconds since 1970
 */
export function failureOfAnswer(what: string, response: HttpResponse, now: number): FetchFailure {
  const codes = codesIn(response);
  const about = [codes[0] ?? `HTTP ${response.status}`, ...requestId(response)];
  return failureByMeaning(what, meaningOf(codes, response.status), about, response, now);
}

/** Names of the error, the most exact first; none when it is no error of Azure. */
function codesIn({ body }: HttpResponse): readonly string[] {
  const json = parseJsonObject(body) ?? {};
  const error = Object.hasOwn(json, "error") ? json["error"] : undefined;
  if (!isJsonObject(error)) return [...entraNumbers(json["error_codes"]), ...named(oauthError(json))];
  // Written so in the API's description, and otherwise by some of its servers.
  const inner = error["innererror"] ?? error["innerError"];
  return [...named(isJsonObject(inner) ? textField(inner, "code") : undefined), ...named(textField(error, "code"))];
}

function entraNumbers(numbers: unknown): readonly string[] {
  const list = Array.isArray(numbers) ? (numbers as readonly unknown[]) : [];
  return list.filter((number) => Number.isSafeInteger(number)).map((number) => `AADSTS${String(number)}`);
}

function named(name: string | undefined): readonly string[] {
  return name !== undefined && /^[A-Za-z_]{1,64}$/.test(name) ? [name] : [];
}

function meaningOf(codes: readonly string[], status: number): Meaning {
  const [known] = codes.flatMap((code) => MEANINGS.get(code) ?? []);
  if (known !== undefined) return known;
  if (status === 429) return THROTTLED;
  if (status >= 500) return AT_FAULT;
  if (codes.length > 0) return status === 401 ? NO_TOKEN : status === 403 ? DENIED : WRONG;
  return {
    kind: "invalid-answer",
    cause: "what answers is not Azure",
    fix: "Check vault, authority, proxy and network of the pod.",
  };
}

function requestId({ headers }: HttpResponse): readonly string[] {
  const id = headers["x-ms-request-id"] ?? "";
  return /^[A-Za-z0-9-]{1,64}$/.test(id) ? [`request ${id}`] : [];
}
