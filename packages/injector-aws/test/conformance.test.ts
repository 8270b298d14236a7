import type { Pod } from "@pod-secrets/core";
import { describeInjector } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";

/** What the sidecar image writes, by its contract, and where the task's containers see it. */
function filesOf(pod: Pod): readonly string[] {
  const mounts = (pod.spec?.containers ?? []).flatMap((container) => container.volumeMounts ?? []);
  const directory = mounts.find(({ name }) => name === "aws-secret-vol")?.mountPath ?? "";
  const env = (pod.spec?.initContainers ?? []).flatMap((container) => container.env ?? []);
  const names = env.flatMap(({ name, value = "" }) => (name === "SECRET_FILENAME" ? [value] : []));
  // As the kubelet hands it over.
  return names.map((name) => `${directory}${name.replaceAll("$$", "$")}`);
}

describeInjector(plugin, {
  mounts: ["FILE"],
  injects: [
    { group: GROUP, key: "db-password" },
    { group: `${GROUP}:`, key: "prod/DB-Password-AbCdEf", mountRequirement: "FILE", envVar: "PASSWORD_FILE" },
    { group: GROUP, groupVersion: "AWSCURRENT", key: "token", mountRequirement: "FILE" },
  ],
  skips: [{ key: "db-password" }, { group: GROUP }, { group: GROUP, key: "db-password", mountRequirement: "ENV_VAR" }],
  refuses: [
    { group: GROUP, key: "../db-password", code: "E_PATH_UNSAFE" },
    { group: GROUP, key: "db-password", envVar: "LD_PRELOAD", code: "E_ENV_FORBIDDEN" },
  ],
  nth: (index) => ({ group: GROUP, key: `prod/DB-Password-${index}`, mountRequirement: "FILE" }),
  files: filesOf,
});
