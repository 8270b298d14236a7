/** Of a start that ends for want of a permission: all that is missing, so that nobody has to start once for each. */
import type { Config } from "../config/schema.ts";
import { AppError } from "../errors.ts";
import { CLUSTER_ROLES, MUTATING_CONFIGURATIONS, NAMESPACES, secretsPath } from "../kubernetes/api-paths.ts";
import { describePermissions, missingPermissions, type Permission } from "../kubernetes/permissions.ts";
import { sharedConnection } from "../kubernetes/shared-connection.ts";

/** Milliseconds in which the API server is asked for the rest; it has just answered. */
const ASKED_FOR = 5000;

/**
 * @param error that ends the start, `E_KUBERNETES_FORBIDDEN`
 * @returns another one that names all, where more than one is missing. Never throws
 */
export async function namingAllMissing(error: AppError, config: Config): Promise<AppError> {
  try {
    const { client, namespace } = await sharedConnection(config, AbortSignal.timeout(ASKED_FOR))();
    const missing = await missingPermissions(client, permissionsFor(config, namespace));
    if (missing.length < 2) return error;
    const message = `${error.message}; missing in all: ${describePermissions(missing)}`;
    return new AppError(error.code, message, "Grant all of these to that user, such as by the roles of the chart.");
  } catch {
    return error;
  }
}

/** What a start cannot do without; events and the Secrets of managers are no part of it. */
function permissionsFor({ server, registration }: Config, namespace: string): readonly Permission[] {
  const { certificates } = server;
  const secret =
    typeof certificates === "string" ? [] : permissionsOf(secretsPath(namespace), certificates.secret, SECRET);
  if (registration === undefined) return secret;
  const { name, owner } = registration;
  const owned = owner === undefined ? [] : permissionsOf(OWNERS[owner.kind], owner.name, ["get"]);
  return [...secret, ...permissionsOf(MUTATING_CONFIGURATIONS, name, REGISTRATION), ...owned];
}

const OWNERS = { ClusterRole: CLUSTER_ROLES, Namespace: NAMESPACES } as const;
const SECRET = ["get", "list", "watch", "update", "delete", "create"] as const;
const REGISTRATION = ["get", "list", "watch", "patch", "create"] as const;

function permissionsOf(collection: string, name: string, verbs: readonly Permission["verb"][]): readonly Permission[] {
  return verbs.map((verb) => ({ verb, collection, name }));
}
