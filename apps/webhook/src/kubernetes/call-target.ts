/** What a call of the API is about, in the words in which permissions are given. */
import { quoted } from "@pod-secrets/core";

/** What was asked, as messages name it: `GET /api/v1/...`, without a query. */
export type Call = string;

export interface CallTarget {
  /** `get`, `list`, `create`, `update`, `patch` or `delete` (RBAC); a watch is a `list` as well. */
  readonly verb: string;
  /** `secrets`, `mutatingwebhookconfigurations`. */
  readonly resource: string;
  /** For messages: the resource, with name and namespace where there are any. */
  readonly what: string;
}

/** Paths of the core API and of groups; those of a namespace itself end after its name. */
const CALL =
  /^(GET|POST|PUT|PATCH|DELETE) \/(?:api\/v1|apis\/[^/]+\/[^/]+)\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?$/;
const VERBS = new Map([
  ["POST", "create"],
  ["PUT", "update"],
  ["PATCH", "patch"],
  ["DELETE", "delete"],
]);

/** @returns nothing for a path that is none of an object or a list */
export function targetOf(call: Call): CallTarget | undefined {
  const [, method = "", namespace, resource, name] = CALL.exec(call) ?? [];
  if (resource === undefined) return undefined;
  const verb = VERBS.get(method) ?? (name === undefined ? "list" : "get");
  const named = name === undefined ? "" : ` ${shown(name)}`;
  const within = namespace === undefined ? "" : ` in namespace ${shown(namespace)}`;
  return { verb, resource, what: `${resource}${named}${within}` };
}

/** A segment of a path was encoded by whoever built it. */
function shown(segment: string): string {
  try {
    return quoted(decodeURIComponent(segment), 253);
  } catch {
    return quoted(segment, 253);
  }
}
