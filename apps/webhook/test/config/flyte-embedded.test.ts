import { formatProblem } from "../../src/config/problems.ts";
import { describe, expect, it } from "vitest";

import { checkFile, type CheckedFile } from "../../src/compose/from-file.ts";
import { createConfigFolder } from "./config-folder.ts";

async function checked(settings: string): Promise<CheckedFile> {
  const text = `webhook:\n  secretManagerTypes: [Embedded]\n  embeddedSecretManagerConfig: ${settings}\n`;
  return checkFile(createConfigFolder().write("config.yaml", text));
}

async function optionsOf(settings: string): Promise<unknown> {
  const file = await checked(settings);
  if (!file.ok) throw new Error(file.problems.map(formatProblem).join("\n"));
  return file.managers.find(({ plugin }) => plugin.name === "embedded")?.options;
}

async function warnings(settings: string): Promise<readonly string[]> {
  return (await checked(settings)).warnings.map(formatProblem);
}

describe("embeddedSecretManagerConfig", () => {
  it.each([
    ["{}", "k8s", { namespace: "flyte" }],
    ["{ type: K8s, k8sConfig: { namespace: union } }", "k8s", { namespace: "union" }],
    ["{ type: AWS, awsConfig: { region: us-east-1 } }", "aws", { region: "us-east-1" }],
    ["{ type: gcp, gcpConfig: { project: acme-secrets } }", "gcp", { project: "acme-secrets" }],
    [
      "{ type: Azure, azureConfig: { vaultURI: https://acme.vault.azure.net } }",
      "azure",
      { vault: "https://acme.vault.azure.net", managedIdentity: true },
    ],
  ])("%s names the store", async (settings, type, expected) => {
    const own = type === "k8s" && settings === "{}" ? {} : expected;
    expect(await optionsOf(settings)).toMatchObject({ accept: "values-in-pods", store: { type, settings: own } });
  });

  it("takes the identity of the machine as Flyte does", async () => {
    expect(await optionsOf("{ type: AWS }")).toMatchObject({
      store: { settings: { credentials: ["env", "web-identity", "pod-identity", "node"] } },
    });
  });

  it("takes the init container", async () => {
    const container = "{ image: example.com/busybox:1, containerName: unpack, resources: { limits: { cpu: 1 } } }";
    expect(await optionsOf(`{ fileMountInitContainer: ${container} }`)).toMatchObject({
      unpacker: {
        image: "example.com/busybox:1",
        name: "unpack",
        // What the file leaves out is Flyte's.
        resources: { requests: { cpu: "100m", memory: "100Mi" }, limits: { cpu: 1 } },
      },
    });
  });

  it("keeps pods to their own scope, which Flyte does not, and says so", async () => {
    expect(await optionsOf("{}")).toMatchObject({ scope: { organization: "flyte", namespace: "{project}-{domain}" } });
    expect(await warnings("{}")).toEqual([
      expect.stringMatching(/2:24: W_CONFIG_EMBEDDED: Embedded puts values into pods, .*PROJECT-DOMAIN/),
    ]);
  });

  it.each([
    ["{ imagePullSecrets: { enabled: true } }", "an admission makes no Secrets"],
    ["{ k8sConfig: { kubeClientConfig: { qps: 1 } } }", "calls of the API server are bounded"],
    ["{ awsConfig: { region: us-east-1 } }", "the store is of type k8s"],
    ["{ k8sConfig: { namespce: a } }", "Did you mean namespace?"],
    ["{ typ: AWS }", "Did you mean type?"],
  ])("%s has no effect, and a warning says why", async (settings, why) => {
    expect(await warnings(settings)).toContainEqual(expect.stringContaining(why));
  });

  it.each([
    ["{ type: { toString: 1, valueOf: 1 } }", /3:40: E_CONFIG_VALUE: .*type" must be one of/],
    ["{ type: Redis }", /3:40: E_CONFIG_VALUE: option "webhook.embeddedSecretManagerConfig.type" must be one of/],
    ["{ type: GCP }", /settings.project/],
    ["{ type: K8s, k8sConfig: { namespace: Flyte } }", /is no namespace name/],
  ])("%s is a problem", async (settings, problem) => {
    const file = await checked(settings);
    expect(file.ok ? [] : file.problems.map(formatProblem)).toEqual([expect.stringMatching(problem)]);
  });
});
