/** Secrets that a task asks for by other names than group and key: `secrets.get(group, key, group_version)`. */
import { expect, it } from "vitest";

import { PROFILES, createNaming, lookedUpBy, type InjectionContext } from "../src/index.ts";
import { request } from "./fixtures.ts";
import { thrownBy } from "./thrown.ts";

const CONTEXT: InjectionContext = {
  profile: PROFILES["flyte-v1"],
  naming: createNaming(PROFILES["flyte-v1"]),
  namespace: "default",
  dryRun: false,
  userPod: {},
  deadline: 0,
};

it.each([
  [["Team", "3", "Key"], "/etc/flyte/secrets/team/3/key", "_FSEC_TEAM_3_KEY"],
  [["Team", "", "Key"], "/etc/flyte/secrets/team/key", "_FSEC_TEAM_KEY"],
  [
    ["projects/p/secrets/Team", "3", ""],
    "/etc/flyte/secrets/projects/p/secrets/team/3",
    "_FSEC_PROJECTS/P/SECRETS/TEAM_3",
  ],
  [["Team", "", ""], "/etc/flyte/secrets/team", "_FSEC_TEAM"],
])("by %j it is looked up at %s, and as %s", (names, path, envName) => {
  const { naming } = lookedUpBy(CONTEXT, names);
  const asked = request({ group: "other", key: "x" });
  expect(naming.filePath(asked)).toBe(path);
  expect(naming.envName(asked)).toBe(envName);
});

it("each name stays below the secrets directory", () => {
  for (const names of [[".."], ["a", "../b"], ["a", "", "b//c"], ["/a", "b"]]) {
    const { naming } = lookedUpBy(CONTEXT, names);
    expect(thrownBy(() => naming.filePath(request({})))).toMatchObject({ code: "E_PATH_UNSAFE" });
  }
});

it("changes nothing else of the context", () => {
  const { naming, ...rest } = lookedUpBy(CONTEXT, ["a"]);
  expect({ ...rest, naming: CONTEXT.naming }).toEqual(CONTEXT);
  expect(naming.lookup).toBe(CONTEXT.naming.lookup);
});
