/**
 * What Google Cloud takes as the name of a secret, and of a version of one. Text that fits can stand in a command, a URL
 * and a path as it is.
 */

// Resource Manager API, `Project`: a number, or an id, in old organisations with a domain before it.
const PROJECT = "(?:(?:[a-z][a-z0-9.-]{0,62}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{1,20})";
const LOCATION = "[a-z][a-z0-9-]{0,62}";
// Secret Manager API, `Secret`: letters, digits, `-` and `_`, at most 255.
const NAME = "[A-Za-z0-9_-]{1,255}";

const SECRET = new RegExp(`^(?:projects/${PROJECT}/(?:locations/${LOCATION}/)?secrets/)?${NAME}$`);
const REGIONAL = /^projects\/[^/]+\/locations\//;
// Secret Manager API, `Secret.versionAliases`: an alias begins with a letter and has at most 63 characters.
const VERSION = /^(?:[1-9][0-9]{0,18}|[A-Za-z][A-Za-z0-9_-]{0,62})$/;

/** `NAME`, `projects/PROJECT/secrets/NAME`, or `projects/PROJECT/locations/LOCATION/secrets/NAME`. */
export function isSecretName(text: string): boolean {
  return SECRET.test(text);
}

/** Whether a secret's name is that of a secret which is kept in one location. */
export function isRegional(name: string): boolean {
  return REGIONAL.test(name);
}

/** Id or number of a project. */
export const PROJECT_NAME: RegExp = new RegExp(`^${PROJECT}$`);

/** Number, alias, or `latest`. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}
