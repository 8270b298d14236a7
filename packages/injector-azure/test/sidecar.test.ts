import type { Pod } from "@pod-secrets/core";
import {
  SHELL_NAMES,
  admitPod,
  admittedPod,
  answerTo,
  asReinvoked,
  openInjector,
  secretRequests,
  testContainer,
  testPod,
  withRequests,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const SECRET = "https://my-vault.vault.azure.net/secrets/Token";
const VERSION = "0123456789abcdef0123456789abcdef";
const injector = await openInjector(plugin);

function admitted(pod: Pod, ...requests: readonly RequestFields[]): Promise<Pod> {
  return admittedPod(withRequests(pod, secretRequests(requests)), [injector]);
}

test("without a version the current one is one file in the secrets directory", async () => {
  const pod = await admitted(testPod(), { group: `${SECRET}/` });
  // Flyte v2.0 leaves the slash there.
  expect(pod.spec?.initContainers?.[0]?.command).toEqual([
    "sh",
    "-ec",
    `az login --service-principal -u $AZURE_CLIENT_ID -t $AZURE_TENANT_ID --federated-token "$(cat $AZURE_FEDERATED_TOKEN_FILE)"; az keyvault secret show --id "${SECRET}/" --query "value" -o tsv > /etc/flyte/secrets/token`,
  ]);
});

test("each secret has one init container more, and calling again changes nothing", async () => {
  const asks = [{ group: SECRET }, { group: `${SECRET}2`, groupVersion: VERSION, envVar: "F" }, { group: SECRET }];
  const pod = await admitted(testPod({ initContainers: [testContainer({ name: "prepare" })] }), ...asks);
  expect(pod.spec?.initContainers?.map(({ name }) => name)).toEqual([
    "prepare",
    "azure-pull-secret-1",
    "azure-pull-secret-2",
  ]);
  expect(await admitPod(asReinvoked(pod), [injector])).toMatchObject({ outcome: "unchanged" });
});

test("the current version and another one of a secret are a file and its folder, and refused", async () => {
  const pod = withRequests(testPod(), secretRequests([{ group: SECRET }, { group: SECRET, groupVersion: VERSION }]));
  expect(await admitPod(pod, [injector])).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
});

test("env_var holds the path of the file, and no puller has it: it could be the pod's identity", async () => {
  const pod = await admitted(testPod(), { group: SECRET, envVar: "AZURE_CLIENT_ID" });
  expect(pod.spec?.containers[0]?.env).toContainEqual({ name: "AZURE_CLIENT_ID", value: "/etc/flyte/secrets/token" });
  expect(pod.spec?.initContainers?.[0]?.env?.map(({ name }) => name)).not.toContain("AZURE_CLIENT_ID");
});

test("what Azure's webhook adds to a puller stays when the API server calls again", async () => {
  const pod = await admitted(testPod(), { group: SECRET });
  const [puller, ...others] = pod.spec?.initContainers ?? [];
  if (puller === undefined) throw new Error("there is no puller");
  const identity = [{ name: "AZURE_CLIENT_ID", value: "id" }];
  const token = { name: "azure-identity-token", mountPath: "/var/run/secrets/azure/tokens", readOnly: true };
  const known = {
    ...puller,
    env: [...(puller.env ?? []), ...identity],
    volumeMounts: [...(puller.volumeMounts ?? []), token],
  };
  const after = { ...pod, spec: { containers: [], ...pod.spec, initContainers: [known, ...others] } };
  expect(await admitPod(asReinvoked(after), [injector])).toMatchObject({ outcome: "unchanged" });
});

test.each<[string, RequestFields, string, string | undefined]>([
  ["a name alone", { group: "Token" }, '"Token" is no secret of Azure Key Vault', undefined],
  [
    "an env var",
    { mountRequirement: "ENV_VAR" },
    "secrets of Azure Key Vault are files, not env vars",
    "Ask for it as FILE or ANY; env_var then holds the path of the file.",
  ],
  [
    "a version that cannot be",
    { groupVersion: "1.0" },
    'group_version "1.0" is no version of a secret in Azure Key Vault',
    "Set group_version to the id of a version, 32 hexadecimal digits, or leave it out for the current one.",
  ],
])("%s is left to the next manager", async (_what, fields, reason, fix) => {
  expect(await answerTo({ group: SECRET, ...fields }, injector)).toEqual({
    outcome: "skipped",
    reason,
    fix,
  });
});

test.each(SHELL_NAMES)("%j never gets to the shell, in whatever field", async (text) => {
  for (const fields of [
    { group: text },
    { group: `${SECRET}${text}` },
    { group: `https://${text}.vault.azure.net/secrets/x` },
    { groupVersion: text },
  ]) {
    expect(await answerTo({ group: SECRET, ...fields }, injector)).toMatchObject({ outcome: "skipped" });
  }
  const ignored = await answerTo({ group: SECRET, key: text }, injector);
  if (ignored.outcome !== "injected") throw new Error(ignored.outcome);
  const commands = ignored.pod.spec?.initContainers?.map(({ command = [] }) => command[2]);
  expect(commands).toEqual([
    expect.stringMatching(/secrets\/Token\/" --query "value" -o tsv > \/etc\/flyte\/secrets\/token$/),
  ]);
});

test("a key is ignored, as with Flyte, and the warning says so", async () => {
  expect(await answerTo({ group: SECRET, key: "password" }, injector)).toMatchObject({
    outcome: "injected",
    warnings: ['key "password" is ignored: the file holds the whole secret'],
  });
});
