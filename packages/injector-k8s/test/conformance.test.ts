import { describeInjector } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

describeInjector(plugin, {
  injects: [
    { group: "user-info", key: "password" },
    { group: "user-info", key: "password", mountRequirement: "FILE", envVar: "PASSWORD_FILE" },
    { group: "user-info", groupVersion: "v1", key: "DB_User", mountRequirement: "FILE" },
    { group: "team.user-info", key: "tls.crt", mountRequirement: "ENV_VAR" },
    { group: "user-info", key: "token", mountRequirement: "ENV_VAR", envVar: "TOKEN" },
  ],
  skips: [
    { group: "user-info" },
    { group: "User_Info", key: "password" },
    { group: "secret/user-info", key: "password", mountRequirement: "FILE" },
    { group: "user-info", key: "pass word", mountRequirement: "ENV_VAR" },
  ],
  nth: (index) => ({
    group: `user-info-${index % 7}`,
    key: `Password.${index}`,
    mountRequirement: index % 3 === 0 ? "ENV_VAR" : "FILE",
  }),
  refuses: [
    { group: "user-info", key: "password", envVar: "LD_PRELOAD", mountRequirement: "ENV_VAR", code: "E_ENV_FORBIDDEN" },
    { group: "user-info", key: "password", envVar: "a b", mountRequirement: "FILE", code: "E_ENV_NAME" },
  ],
});
