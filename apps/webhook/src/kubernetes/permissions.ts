/**
 * Which permissions are missing, found by asking for what needs them: nobody needs a permission for that. The API server
 * checks permissions before it reads what was sent (Kubernetes docs, "Controlling Access to the Kubernetes API"), so each
 * write is one that it would refuse, or that changes nothing.
 */
import { targetOf } from "./call-target.ts";
import { KubernetesError, type KubernetesClient, type KubernetesObject } from "./kubernetes-client.ts";

/** What may be done with one object. */
export interface Permission {
  /** As in a role. */
  readonly verb: "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";
  /** Path of the list that the object is in. */
  readonly collection: string;
  readonly name: string;
}

/** @returns those of `wanted` that authorization refuses; one about which nothing could be heard is not among them */
export async function missingPermissions(
  client: KubernetesClient,
  wanted: readonly Permission[],
): Promise<readonly Permission[]> {
  const found = await Promise.all(
    wanted.map(async (permission) => ((await isDenied(client, permission)) ? [permission] : [])),
  );
  return found.flat();
}

async function isDenied(client: KubernetesClient, permission: Permission): Promise<boolean> {
  try {
    await ask(client, permission);
    return false;
  } catch (error) {
    return error instanceof KubernetesError && error.failure === "forbidden" && error.deniedUser !== undefined;
  }
}

/** No API server takes it for one of this kind. */
const NO_OBJECT = {} as KubernetesObject;
const NO_UID = "00000000-0000-0000-0000-000000000000";

async function ask(client: KubernetesClient, { verb, collection, name }: Permission): Promise<unknown> {
  const path = `${collection}/${encodeURIComponent(name)}`;
  const list = `${collection}?${new URLSearchParams({ fieldSelector: `metadata.name=${name}` }).toString()}`;
  switch (verb) {
    case "get":
      return client.get(path);
    case "list":
      return client.get(list);
    case "watch":
      return client.get(`${list}&watch=true&timeoutSeconds=1`);
    case "create":
      return client.create(`${collection}?dryRun=All`, NO_OBJECT);
    case "update":
      return client.replace(`${path}?dryRun=All`, NO_OBJECT);
    case "patch":
      return client.patch(`${path}?dryRun=All`, []);
    case "delete":
      return client.remove(`${path}?dryRun=All`, NO_UID);
  }
}

/** As in `get, list secrets "a" in namespace "b"; create secrets in namespace "b"`: what is made has no name before. */
export function describePermissions(permissions: readonly Permission[]): string {
  const groups = Map.groupBy(permissions, ({ verb, collection, name }) =>
    verb === "create" ? `POST ${collection}` : `GET ${collection}/${encodeURIComponent(name)}`,
  );
  const texts = [...groups].map(
    ([call, group]) => `${group.map(({ verb }) => verb).join(", ")} ${targetOf(call)?.what ?? call}`,
  );
  return texts.join("; ");
}
