/** How an item names a secret of Google Cloud Secret Manager. */
import * as z from "zod/mini";

import { lineOfText } from "../../settings.ts";

export interface GcpSecretSource {
  /** `NAME`, `projects/P/secrets/NAME` or, for a regional one, `projects/P/locations/L/secrets/NAME`. */
  readonly secret: string;
  /** Number or alias of a version; `latest` when left out. */
  readonly version: string;
  /** Key of a JSON object; the whole secret when left out. */
  readonly jsonKey?: string | undefined;
}

/** A secret's name, taken apart. */
export interface GcpSecretName {
  /** Undefined for a bare name. */
  readonly project: string | undefined;
  /** Of a regional secret. */
  readonly location: string | undefined;
  readonly name: string;
}

// Resource Manager API, `Project`: an id, in old accounts with a domain before it, or a number.
const PROJECT = "(?:[a-z][a-z0-9.-]{0,62}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{1,20}";
// Secret Manager API, `Secret`: letters, digits, hyphen and underscore, at most 255.
const NAME = "[A-Za-z0-9_-]{1,255}";
const SECRET = new RegExp(`^(?:projects/(${PROJECT})/(?:locations/([a-z][a-z0-9-]{0,62})/)?secrets/)?(${NAME})$`);

export const projectId: z.ZodMiniString = z
  .string()
  .check(z.regex(new RegExp(`^(?:${PROJECT})$`), "is no id or number of a project of Google Cloud"));

/** @returns undefined for what is none */
export function parseSecretName(text: string): GcpSecretName | undefined {
  const parts = SECRET.exec(text);
  return parts === null ? undefined : { project: parts[1], location: parts[2], name: parts[3] ?? "" };
}

/**
 * Whether a name that Google answers is that of the secret that was asked for. Google answers with the number of the
 * project, also where its id was asked for: one cannot be held against the other.
 * @param asked both without `/versions/V`, and with a project
 */
export function isSameSecret(answered: string, asked: string): boolean {
  const [found, wanted] = [parseSecretName(answered), parseSecretName(asked)];
  if (found?.project === undefined || wanted?.project === undefined) return false;
  if (found.name !== wanted.name || found.location !== wanted.location) return false;
  return found.project === wanted.project || isNumber(found.project) !== isNumber(wanted.project);
}

function isNumber(project: string): boolean {
  return /^[0-9]+$/.test(project);
}

export const gcpSecretSource: z.ZodMiniType<GcpSecretSource> = z.strictObject({
  secret: z.string().check(
    z.maxLength(1024),
    z.refine(
      (text) => parseSecretName(text) !== undefined,
      "is neither a name nor projects/P/secrets/NAME nor projects/P/locations/L/secrets/NAME",
    ),
  ),
  // Secret Manager API, `Secret.versionAliases`: an alias begins with a letter and has at most 63 characters.
  version: z._default(
    z
      .string()
      .check(z.regex(/^(?:[1-9][0-9]{0,18}|[A-Za-z][A-Za-z0-9_-]{0,62})$/, "is no number or alias of a version")),
    "latest",
  ),
  jsonKey: z.optional(lineOfText(1024)),
});
