/** Answers of Google's APIs -> what they mean. Their texts are not shown: they quote what was sent. */
import { failureByMeaning, type Meaning } from "../../answer-failure.ts";
import type { FetchFailure } from "../../failure.ts";
import type { HttpResponse } from "../../http.ts";
import { oauthError } from "../../identity/oauth.ts";
import { parseJsonObject, textField } from "../../json-object.ts";
import { isJsonObject } from "../exact-json.ts";
import { AT_FAULT, DENIED, MEANINGS, NO_IDENTITY, NO_STATE, THROTTLED, WRONG, stateIn } from "./meanings.ts";

/** What an error is told by. */
interface GoogleError {
  /** The most exact name that {@link MEANINGS} knows, or the first. */
  readonly code: string;
  /** A text that is not shown. */
  readonly message: string;
}

/**
 * @param what was asked, as messages name it
 * @param response with a status that is no success
 * @param now milliseconds since 1970
 * @param own what codes mean for this call alone
 */
export function failureOfAnswer(
  what: string,
  response: HttpResponse,
  now: number,
  own: Readonly<Record<string, Meaning>> = {},
): FetchFailure {
  const error = errorIn(response);
  const special = error !== undefined && Object.hasOwn(own, error.code) ? own[error.code] : undefined;
  const about = error === undefined ? `HTTP ${response.status}` : error.code;
  return failureByMeaning(what, special ?? meaningOf(error, response.status), [about], response, now);
}

function errorIn({ body }: HttpResponse): GoogleError | undefined {
  const json = parseJsonObject(body) ?? {};
  const error = Object.hasOwn(json, "error") ? json["error"] : undefined;
  if (!isJsonObject(error)) return namedError([oauthError(json)], "");
  const details = Array.isArray(error["details"]) ? (error["details"] as readonly unknown[]) : [];
  const reasons = details.map((detail) => (isJsonObject(detail) ? textField(detail, "reason") : undefined));
  return namedError([...reasons, textField(error, "status")], textField(error, "message") ?? "");
}

function namedError(names: readonly (string | undefined)[], message: string): GoogleError | undefined {
  const codes = names.filter((name): name is string => name !== undefined && /^[A-Za-z_]{1,64}$/.test(name));
  const code = codes.find((name) => Object.hasOwn(MEANINGS, name)) ?? codes[0];
  return code === undefined ? undefined : { code, message };
}

function meaningOf(error: GoogleError | undefined, status: number): Meaning {
  const known = error !== undefined && Object.hasOwn(MEANINGS, error.code) ? MEANINGS[error.code] : undefined;
  if (known !== undefined) return known === NO_STATE ? stateIn(error?.message ?? "") : known;
  if (status === 429) return THROTTLED;
  if (status >= 500) return AT_FAULT;
  if (error !== undefined) return status === 401 ? NO_IDENTITY : status === 403 ? DENIED : WRONG;
  return {
    kind: "invalid-answer",
    cause: "what answers is not Google",
    fix: "Check url, proxy and network of the pod.",
  };
}
