/** What a user may not do is found without doing it. */
import { describe, expect, test } from "vitest";

import { MUTATING_CONFIGURATIONS, secretsPath } from "../../src/kubernetes/api-paths.ts";
import { describePermissions, missingPermissions, type Permission } from "../../src/kubernetes/permissions.ts";
import { connectTo, json, startDouble, type ApiDouble, type Asked } from "./api-double.ts";

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"] as const;
const SECRET: readonly Permission[] = VERBS.map((verb) => ({ verb, collection: secretsPath("flyte"), name: "tls" }));

/** The verb by which the API server knows a request. */
function verbOf({ method, url }: Asked): string {
  if (method !== "GET") return { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" }[method] ?? "";
  if (url.searchParams.get("watch") === "true") return "watch";
  return url.searchParams.has("fieldSelector") ? "list" : "get";
}

/** An API server that permits some verbs, and then finds fault with each request. */
function permitting(
  permitted: readonly string[],
  otherwise = 'User "alice" cannot VERB resource "secrets"',
): Promise<ApiDouble> {
  return startDouble((asked, response) => {
    const verb = verbOf(asked);
    if (permitted.includes(verb)) return json(response, 400, { reason: "BadRequest" });
    const message = `secrets "tls" is forbidden: ${otherwise.replace("VERB", verb)} in API group ""`;
    return json(response, 403, { reason: "Forbidden", message });
  });
}

describe("missing permissions", () => {
  test.each([[[]], [VERBS], [["get", "create"]], [["list", "delete"]]])("are all but %j", async (permitted) => {
    const { client } = await connectTo(await permitting(permitted));
    const missing = await missingPermissions(client, SECRET);
    expect(missing.map(({ verb }) => verb)).toEqual(VERBS.filter((verb) => !permitted.includes(verb)));
  });
  test("are not those that something else than authorization refuses", async () => {
    const { client } = await connectTo(await permitting([], "exceeded quota"));
    expect(await missingPermissions(client, SECRET)).toEqual([]);
  });
  test("are asked for by requests that change nothing, also where a dry run is not known", async () => {
    const double = await permitting(VERBS);
    const { client } = await connectTo(double);
    await missingPermissions(client, SECRET);
    const writes = double.asked.filter(({ method }) => method !== "GET");
    expect(writes.map(({ url }) => url.searchParams.get("dryRun"))).toEqual(["All", "All", "All", "All"]);
    expect(Object.fromEntries(writes.map(({ method, body }) => [method, JSON.parse(body)]))).toEqual({
      POST: {},
      PUT: {},
      PATCH: [],
      DELETE: { preconditions: { uid: "00000000-0000-0000-0000-000000000000" } },
    });
  });
  test("are told together by what they are for", () => {
    const registration: Permission = { verb: "patch", collection: MUTATING_CONFIGURATIONS, name: "flyte" };
    expect(describePermissions([...SECRET.slice(0, 5), registration])).toBe(
      'get, list, watch, update secrets "tls" in namespace "flyte"; create secrets in namespace "flyte"; patch mutatingwebhookconfigurations "flyte"',
    );
  });
});
