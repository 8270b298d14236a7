import type { Pod } from "@pod-secrets/core";
import { describeInjector } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

/** What Flyte's script writes: the file that it names. */
function filesOf({ spec }: Pod): readonly string[] {
  const scripts = (spec?.initContainers ?? []).map(({ command = [] }) => command[2] ?? "");
  return scripts.flatMap((script) => /--out-file=(\S+)/.exec(script)?.slice(1) ?? []);
}

describeInjector(plugin, {
  mounts: ["FILE"],
  injects: [
    { group: "Warehouse_Password", groupVersion: "3" },
    { group: "projects/111111111111/secrets/mainSecret", groupVersion: "latest", mountRequirement: "FILE" },
    {
      group: "projects/my-project/secrets/tls-KEY",
      groupVersion: "Blue",
      envVar: "KEY_FILE",
      mountRequirement: "FILE",
    },
    { group: "warehouse", groupVersion: "12", key: "password", mountRequirement: "FILE" },
  ],
  skips: [
    { groupVersion: "3" },
    { group: "warehouse" },
    { group: "warehouse", key: "password" },
    { group: "warehouse", groupVersion: "3", mountRequirement: "ENV_VAR" },
    { group: "ware house", groupVersion: "3" },
    { group: "-warehouse", groupVersion: "3" },
    { group: "warehouse", groupVersion: "0" },
    { group: "warehouse", groupVersion: "1; id" },
    { group: "projects/p/secrets/x", groupVersion: "1" },
    { group: "projects/my-project/locations/europe-west1/secrets/x", groupVersion: "1" },
  ],
  refuses: [{ group: "warehouse", groupVersion: "3", envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" }],
  nth: (index) => ({ group: `Secret_${index}`, groupVersion: `${index + 1}`, mountRequirement: "FILE" }),
  files: filesOf,
  lookup: ({ group, groupVersion }) => ({ group, groupVersion, key: "" }),
});
