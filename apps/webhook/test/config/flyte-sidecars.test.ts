/** Settings of Flyte's three sidecars, in Flyte's file. */
import { describe, expect, it } from "vitest";

import { findings, goodConfig, optionsOf, warnings } from "./loaded.ts";

describe.each([
  ["AWS", "aws"],
  ["GCP", "gcp"],
  ["Azure", "azure"],
])("%s", (type, use) => {
  it("takes image and resources of the sidecar", async () => {
    const config = await goodConfig(`
webhook:
  secretManagerType: ${type}
  ${use}SecretManager:
    sidecarImage: registry.example.com/sidecar:v1
    resources: { limits: { cpu: 1, memory: 100Mi } }
`);

    expect(config.managers).toMatchObject([
      {
        use,
        options: { image: "registry.example.com/sidecar:v1", resources: { limits: { cpu: 1, memory: "100Mi" } } },
      },
    ]);
  });

  it("keeps Flyte's requests or limits of the sidecar where the file has only the other", async () => {
    const amounts = { cpu: "200m", memory: "500Mi" };
    const resources = async (text: string): Promise<unknown> =>
      (
        optionsOf(
          await goodConfig(`webhook: { secretManagerType: ${type}, ${use}SecretManager: { resources: ${text} } }`),
          use,
        ) as Record<string, unknown>
      )["resources"];

    expect(await resources("{ limits: { cpu: 1 } }")).toEqual({ requests: amounts, limits: { cpu: 1 } });
    expect(await resources("{ Requests: { memory: 1Gi }, limits: {} }")).toEqual({
      requests: { memory: "1Gi" },
      limits: amounts,
    });
    expect(await resources("{ requests: null }")).toEqual({ requests: amounts, limits: amounts });
    expect(await resources("{}")).toEqual({ requests: amounts, limits: amounts });
    expect(await resources("null")).toBeUndefined();
  });

  it("finds resources that are none in Flyte's file", async () => {
    const text = (resources: string): string =>
      `webhook: { secretManagerType: ${type}, ${use}SecretManager: { resources: ${resources} } }`;

    expect(await findings(text("5"))).toEqual([
      expect.stringContaining(`E_CONFIG_TYPE option "webhook.${use}SecretManager.resources" must be a mapping`),
    ]);
    expect(await findings(text("{ limits: { cpu: [] } }"))).toEqual([
      expect.stringContaining(`option "webhook.${use}SecretManager.resources.limits.cpu"`),
    ]);
  });

  it("has Flyte's sidecar without settings, and no setting that Flyte does not know", async () => {
    expect(optionsOf(await goodConfig(`webhook: { secretManagerType: ${type} }`), use)).toEqual({});
    expect(await warnings(`webhook: { secretManagerType: ${type}, ${use}SecretManager: { image: x } }`)).toEqual([
      expect.stringContaining(`key "webhook.${use}SecretManager.image" is not one of Flyte's.`),
    ]);
  });
});
