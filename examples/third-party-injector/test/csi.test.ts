import type { Injection, Pod } from "@pod-secrets/core";
import { injectionContext, openInjector, secretRequest, testPod } from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

async function inject(
  options: unknown,
  fields: Parameters<typeof secretRequest>[0],
  pod: Pod = testPod(),
): Promise<Pod> {
  const injector = await openInjector(plugin, options);
  const injection: Injection = await injector.inject(pod, secretRequest(fields), injectionContext(pod));
  if (injection.outcome !== "injected") throw new Error(`${injection.outcome}`);
  return injection.pod;
}

test("a class is a read-only volume, mounted where flytekit looks for its files", async () => {
  const { spec } = await inject({}, { group: "app-secrets", key: "Password" });
  const name = spec?.volumes?.[0]?.name;
  expect(spec?.volumes).toEqual([
    {
      name: expect.stringMatching(/^csi-[0-9a-f]{20}$/),
      csi: {
        driver: "secrets-store.csi.k8s.io",
        readOnly: true,
        volumeAttributes: { secretProviderClass: "app-secrets" },
      },
    },
  ]);
  expect(spec?.containers[0]?.volumeMounts).toEqual([
    { name, readOnly: true, mountPath: "/etc/flyte/secrets/app-secrets" },
  ]);
});

test("two files of one class are one volume", async () => {
  const pod = await inject({}, { group: "app-secrets", key: "password" });
  const { spec } = await inject({}, { group: "app-secrets", key: "certificate" }, pod);
  expect(spec?.volumes).toHaveLength(1);
});

test("env_var holds the path of the file, in lower case", async () => {
  const { spec } = await inject({}, { group: "app-secrets", key: "Password", envVar: "PASSWORD_FILE" });
  expect(spec?.containers[0]?.env).toContainEqual({
    name: "PASSWORD_FILE",
    value: "/etc/flyte/secrets/app-secrets/password",
  });
});

test("driver and credentials come from the options", async () => {
  const options = { driver: "csi.example.com", nodePublishSecret: "provider-login" };
  const { spec } = await inject(options, { group: "app-secrets", key: "password" });
  expect(spec?.volumes?.[0]?.csi).toMatchObject({
    driver: "csi.example.com",
    nodePublishSecretRef: { name: "provider-login" },
  });
});
