/** A wrong value is refused by Helm itself, before anything reaches the cluster, and the key is named. */
import { describe, expect, test } from "vitest";

import { needing } from "../../cluster/src/index.ts";
import { helmSupport } from "../../tools/helm.ts";
import { helmTemplate } from "../../tools/manifests.ts";

const HELM = needing(helmSupport());

describe("a typo is refused, and named", HELM, () => {
  test.each([
    ["replica=3", "'replica'"],
    ["image.tags=1.2.3", "'tags'"],
    ["image.pullPolicy=Sometimes", "/image/pullPolicy"],
    ["config.manager[0].use=k8s", "'manager'"],
    ["config.managers[0].use=k8s,config.managers[0].options.misssing=hold", "'misssing'"],
    ["config.server.certificates=/certs", "'certificates'"],
    ["config.registration.name=x", "'registration'"],
    ["certificates.source=vault", "/certificates/source"],
    ["registration.failurePolicy=Warn", "/registration/failurePolicy"],
    ["registration.timeoutSeconds=31", "/registration/timeoutSeconds"],
    ["globalSecrets[0].secret=x", "'secret'"],
    ["globalSecrets[0].secretName=x,globalSecrets[0].group=../x", "/globalSecrets/0/group"],
    ["networkPolicy.admissionFrom[0].ip=10.0.0.1", "'ip'"],
    ["tolerations[0].name=x", "'name'"],
    ["service.name=UPPER", "/service/name"],
    ["tests.request.group=x,tests.request.key=y,tests.request.version=z", "'version'"],
  ])("%s", async (pair, place) => {
    const { code, stderr } = await helmTemplate({ set: [pair] });

    expect(code).not.toBe(0);
    expect(stderr).toContain(place);
  });
});

describe("a secret in plain sight is refused", HELM, () => {
  test.each([
    ["extraEnv[0].name=TOKEN,extraEnv[0].value=secret", "'value'"],
    ["storage.accessKey=secret", "'accessKey'"],
    ["globalSecrets[0].secretName=x,globalSecrets[0].value=secret", "'value'"],
  ])("%s", async (pair, place) => {
    const { code, stderr } = await helmTemplate({ set: [pair] });

    expect(code).not.toBe(0);
    expect(stderr).toContain(place);
    expect(stderr).not.toContain("secret\n");
  });
});

describe("values that contradict each other are refused, with what to do", HELM, () => {
  test.each([
    ["config.profile=flyte-v1,flyte.configMap=flyte-propeller-config", "`flyte.configMap`"],
    ["registration.by=chart", "`certificates.source`"],
    ["registration.by=chart,certificates.source=secret", "`registration.caBundle`"],
    ["autoscaling.enabled=true,verticalPodAutoscaler.enabled=true", "enable one of them"],
    ["globalSecrets[0].secretName=x,globalSecrets[0].as=env", "needs `keys`"],
    [
      "config.managers[0].use=embedded,config.managers[0].options.accept=values-in-pods,config.managers[0].options.store.type=k8s",
      "set `embedded.namespace` to flyte",
    ],
  ])("%s", async (pair, words) => {
    const { code, stderr } = await helmTemplate({ set: [pair] });

    expect(code).not.toBe(0);
    expect(stderr).toContain(words);
    expect(stderr).toContain("Fix: ");
  });
});
