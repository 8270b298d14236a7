import type { Pod } from "@pod-secrets/core";
import { describeInjector } from "@pod-secrets/injector-testkit";

import { createMemoryStore, testOptions, withStore } from "./memory-store.ts";
import { unpackedFiles } from "./unpacked-files.ts";

const SCOPE = "u__org__acme__domain__production__project__billing__key__";
const DOMAIN = "u__org__acme__domain__production__project____key__";
const ORGANIZATION = "u__org__acme__domain____project____key__";

const many = Array.from({ length: 100 }, (_none, index) => [`${SCOPE}key-${index}`, `value ${index}`] as const);

describeInjector(
  withStore(
    createMemoryStore({
      [`${SCOPE}Password`]: "hunter2",
      [`${DOMAIN}token`]: "of the domain",
      [`${ORGANIZATION}certificate`]: "of all",
      [`${SCOPE}binary`]: Uint8Array.of(0, 1, 255),
      [`${SCOPE}price`]: "$(PATH) $$5",
      [`${SCOPE}empty`]: "",
      [`${SCOPE}nul`]: "a\0b",
      ...Object.fromEntries(many),
    }),
  ),
  {
    options: testOptions(),
    injects: [
      { key: "Password" },
      { group: "Database", key: "Password", mountRequirement: "ENV_VAR" },
      { key: "price", mountRequirement: "ENV_VAR", envVar: "PRICE" },
      { key: "empty", mountRequirement: "FILE" },
      { group: "tls", key: "certificate", mountRequirement: "FILE" },
      { key: "token", mountRequirement: "FILE", envVar: "TOKEN_FILE" },
    ],
    skips: [{ key: "unknown" }, { group: "group" }, { key: "../token" }, { key: "a b" }, { key: "$(id)" }],
    refuses: [
      { key: "binary", code: "embedded/unusable-value" },
      { key: "nul", code: "E_ENV_VALUE" },
      { key: "Password", envVar: "NODE_OPTIONS", code: "E_ENV_FORBIDDEN" },
      { group: "a=b", key: "Password", mountRequirement: "FILE", code: "E_PATH_UNSAFE" },
    ],
    nth: (index) => ({ key: `key-${index}`, mountRequirement: index % 2 === 0 ? "ENV_VAR" : "FILE" }),
    lookup: ({ group, key }) => ({ group, key }),
    files: unpackedFiles,
    prepare: labelled,
  },
);

function labelled(pod: Pod): Pod {
  const labels = { ...pod.metadata?.labels, organization: "acme", project: "billing", domain: "production" };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}
