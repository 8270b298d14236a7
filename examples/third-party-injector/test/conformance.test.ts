import { describeInjector } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";
import { filesOf } from "./provider.ts";

describeInjector(plugin, {
  options: { classes: ["app-secrets", "team.db"] },
  injects: [
    { group: "app-secrets", key: "password", mountRequirement: "FILE" },
    { group: "team.db", key: "Password" },
  ],
  skips: [
    { group: "app-secrets", key: "password", mountRequirement: "ENV_VAR" },
    { group: "App_Secrets", key: "password" },
    { group: "app-secrets" },
    { group: "payroll", key: "password" },
  ],
  refuses: [
    { group: "app-secrets", key: "password", groupVersion: "3", code: "csi/no-versions" },
    { group: "app-secrets", key: "../password", code: "E_PATH_UNSAFE" },
  ],
  nth: (index) => ({
    group: index % 2 === 0 ? "app-secrets" : "team.db",
    key: `file-${index}`,
    mountRequirement: "FILE",
  }),
  files: filesOf,
});
