/** What is wanted of the API server, by configuration. */
import { describe, expect, test } from "vitest";

import { registrationManifest } from "../../src/registration/desired-registration.ts";
import { BUNDLE, desiredBy, flyteRegistration } from "./registrations.ts";

describe("the registration", () => {
  test("is Flyte's where nothing is better: another name, rule or selector would change what is called", () => {
    const { entry, name } = desiredBy({});
    const flyte = flyteRegistration();
    const { clientConfig, ...fields } = flyte.webhooks?.[0] ?? { clientConfig: {} };
    expect(name).toBe(flyte.metadata.name);
    expect(entry).toEqual({
      ...fields,
      clientConfig: { service: clientConfig.service },
      // Nothing has side effects, dry run or not.
      sideEffects: "None",
      // A container that another webhook adds gets its secrets too.
      reinvocationPolicy: "IfNeeded",
      // Its own pods must start without it, and so must the cluster's.
      namespaceSelector: {
        matchExpressions: [
          {
            key: "kubernetes.io/metadata.name",
            operator: "NotIn",
            values: ["kube-node-lease", "kube-system", "flyte"],
          },
        ],
      },
      matchConditions: [],
    });
  });
  test("takes selectors as they are configured, without what is empty", () => {
    const { entry } = desiredBy({
      namespaceSelector: { matchLabels: {}, matchExpressions: [{ key: "a", operator: "Exists", values: [] }] },
      objectSelector: { matchLabels: { a: "b" }, matchExpressions: [] },
    });
    expect(entry["namespaceSelector"]).toEqual({ matchExpressions: [{ key: "a", operator: "Exists" }] });
    expect(entry["objectSelector"]).toEqual({ matchLabels: { a: "b" } });
  });
  test("of a webhook outside of the cluster has a URL, with the path that is served", () => {
    const desired = desiredBy({ url: "https://127.0.0.1:9443" }, { path: ["/mutate", "/other"] });
    expect(desired.entry.clientConfig).toEqual({ url: "https://127.0.0.1:9443/mutate" });
    expect(desired.installation).toBe("flyte/flyte-pod-webhook");
  });
  test("says whose it is, beside the configured labels and annotations", () => {
    const desired = desiredBy({ labels: { team: "a" }, annotations: { "x.y/z": "1" }, service: { name: "other" } });
    expect(registrationManifest(desired, undefined).metadata).toEqual({
      name: "flyte-pod-webhook",
      labels: { team: "a" },
      annotations: { "x.y/z": "1", "pod-secrets.dev/installation": "flyte/other" },
    });
  });
  test("holds the CA bundle in base64, where one is given", () => {
    const [entry] = registrationManifest(desiredBy({}), BUNDLE).webhooks ?? [];
    expect(Buffer.from(entry?.clientConfig.caBundle ?? "", "base64").toString()).toBe(BUNDLE);
    const [without] = registrationManifest(desiredBy({}), undefined).webhooks ?? [];
    expect(without?.clientConfig).not.toHaveProperty("caBundle");
  });
});
