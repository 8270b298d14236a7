import { describeInjector, fetchedFiles } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

describeInjector(plugin, {
  options: {
    url: "https://safe.acme.example",
    fetcher: { image: "registry.acme.example/safe-fetch:1.0.0", envVars: "fileKeyRef" },
  },
  injects: [
    { group: "warehouse", key: "password", mountRequirement: "FILE" },
    { group: "warehouse", key: "password", mountRequirement: "ENV_VAR" },
    { group: "warehouse", key: "api-key", envVar: "API_KEY_FILE" },
  ],
  skips: [
    { group: "warehouse", key: "password", groupVersion: "3" },
    { group: "warehouse", key: "../password" },
    { group: "Warehouse", key: "password" },
    { key: "password" },
  ],
  nth: (index) => ({ group: `safe-${index % 7}`, key: `secret-${index}`, mountRequirement: "FILE" }),
  files: fetchedFiles,
});
