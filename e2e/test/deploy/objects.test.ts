/** Every object of the chart and of the overlays is one that a real API server takes, and both are one design. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { needing, startControlPlane, type ControlPlane } from "../../cluster/src/index.ts";
import { helmSupport } from "../../tools/helm.ts";
import {
  isHook,
  KUSTOMIZE,
  nameOf,
  parseManifests,
  renderChart,
  valuesSets,
  type Manifest,
} from "../../tools/manifests.ts";
import { defineCustomResources } from "./custom-resources.ts";

const HELM = needing(helmSupport());
const OVERLAYS = [
  "base",
  "overlays/dev",
  "overlays/production",
  "overlays/cert-manager",
  "overlays/flyte",
  "unregister",
];

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane();
  await defineCustomResources(cluster);
  for (const namespace of ["pod-secrets", "flyte"]) {
    const labels = { "pod-security.kubernetes.io/warn": "restricted" };
    await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } }]);
  }
});

afterAll(() => cluster?.stop());

/** Asks the API server about objects without keeping them: what it warns of. Fields that it does not know are errors. */
async function dryRun(objects: readonly Manifest[]): Promise<string> {
  // No pod is taken whose account is not there.
  await apply(objects.filter(({ kind }) => kind === "ServiceAccount"));
  return apply(objects, "--dry-run=server", "--validate=strict");
}

async function apply(items: readonly Manifest[], ...flags: readonly string[]): Promise<string> {
  if (items.length === 0) return "";
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  return (await cluster.kubectl(["apply", ...flags, "-f", "-"], { input })).stderr;
}

async function kustomize(folder: string): Promise<readonly Manifest[]> {
  return parseManifests((await cluster.kubectl(["kustomize", join(KUSTOMIZE, folder)])).stdout);
}

describe("the API server takes every object, and warns of none", HELM, () => {
  test("of the chart without values", async () => {
    expect(await dryRun(await renderChart({}))).toBe("");
  });

  test.each(valuesSets())("of the chart with ci/%s-values.yaml", async (values) => {
    expect(await dryRun(await renderChart({ values: [values] }))).toBe("");
  });

  test.each(OVERLAYS)("of %s", async (folder) => {
    expect(await dryRun(await kustomize(folder))).toBe("");
  });

  test("also those of a chart that is called otherwise, in a namespace of any name", async () => {
    const namespace = "n".repeat(63);
    await apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);

    expect(await dryRun(await renderChart({ name: "r".repeat(53), namespace }))).toBe("");
  });
});

describe("Kustomize and Helm give the same objects", HELM, () => {
  test("base, and the chart without values", async () => {
    const chart = (await renderChart({})).filter((object) => !isHook(object));
    const base = (await kustomize("base")).filter(({ kind }) => kind !== "Namespace");

    expect(comparable(base)).toEqual(comparable(chart));
  });

  test("overlays/cert-manager, and the chart with ci/cert-manager-values.yaml", async () => {
    const chart = (await renderChart({ values: ["cert-manager"] })).filter((object) => !isHook(object));
    const overlay = (await kustomize("overlays/cert-manager")).filter(({ kind }) => kind !== "Namespace");

    expect(comparable(overlay)).toEqual(comparable(chart));
  });

  test("unregister, and what the chart does before it is deleted", async () => {
    const hooks = (await renderChart({})).filter(
      ({ metadata }) => metadata.annotations?.["helm.sh/hook"] === "pre-delete",
    );

    expect(comparable(await kustomize("unregister"))).toEqual(comparable(hooks));
  });
});

test(
  "overlays/flyte starts the same pods as the chart with ci/flyte-values.yaml, but for the label of Flyte's",
  HELM,
  async () => {
    const chart = await renderChart({ namespace: "flyte", values: ["flyte"] });
    const podSpec = (objects: readonly Manifest[]): unknown => {
      const deployment = objects.find(({ kind }) => kind === "Deployment") as unknown as WithTemplate;
      return { ...deployment.spec.template.spec, topologySpreadConstraints: undefined };
    };

    expect(podSpec(await kustomize("overlays/flyte"))).toEqual(podSpec(chart));
  },
);

test.each(OVERLAYS)("all pods of %s are of the image of base, and have the label of its name", async (folder) => {
  const [base] = await podsOf("base");
  const pods = await podsOf(folder);

  expect(pods.length).toBeGreaterThan(0);
  for (const { labels, images } of pods) {
    expect(new Set(images)).toEqual(new Set(base?.images));
    expect(labels).toMatchObject({ "app.kubernetes.io/name": "pod-secrets" });
  }
});

/** Those of Deployments and Jobs. */
async function podsOf(
  folder: string,
): Promise<readonly { readonly labels: unknown; readonly images: readonly string[] }[]> {
  const templates = (await kustomize(folder)).filter(({ kind }) => kind === "Deployment" || kind === "Job");
  return (templates as unknown as readonly WithTemplate[]).map(({ spec: { template } }) => {
    const { containers = [], initContainers = [] } = template.spec as Partial<Record<string, readonly Named[]>>;
    return { labels: template.metadata.labels, images: [...containers, ...initContainers].map(({ image }) => image) };
  });
}

interface Named {
  readonly image: string;
}

describe("the Deployment", HELM, () => {
  test("never has fewer replicas than wanted while it is rolled out, and time to end", async () => {
    const deployment = (await renderChart({})).find(({ kind }) => kind === "Deployment");

    expect(deployment).toMatchObject({
      spec: {
        replicas: 2,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: { spec: { terminationGracePeriodSeconds: 45 } },
      },
    });
  });

  test("is rolled out when what is read at the start changes, and only then", async () => {
    const annotation = async (...set: readonly string[]): Promise<string | undefined> => {
      const objects = await renderChart({ set });
      const deployment = objects.find(({ kind }) => kind === "Deployment") as unknown as WithTemplate;
      return deployment.spec.template.metadata.annotations["pod-secrets.dev/start-config"];
    };
    const before = await annotation();

    expect(await annotation("config.managers[0].use=vault-kv2")).toBe(before);
    expect(await annotation("config.server.drainSeconds=20")).not.toBe(before);
    expect(await annotation("registration.timeoutSeconds=5")).not.toBe(before);
  });
});

test.each(valuesSets())(
  "with the values %s no object holds a secret: what is one comes by reference",
  HELM,
  async (values) => {
    const objects = await renderChart({ values: [values] });
    const secrets = objects.filter(({ kind }) => kind === "Secret");
    const literals = objects.flatMap(literalEnvVars);

    expect(objects.length).toBeGreaterThan(5);
    expect(secrets.flatMap(({ data, stringData }) => [data, stringData]).filter((part) => part !== undefined)).toEqual(
      [],
    );
    expect(literals.filter((name) => !PLAIN_ENV_VAR.test(name))).toEqual([]);
  },
);

/** Env vars that may have a value in the manifest: what the release's own test needs, and kind and region of a storage. */
const PLAIN_ENV_VAR = /^(TEST_NAMESPACE|TEST_REQUEST|WEBHOOK_ENTRY|FLYTE_SECRET_[A-Z]+_(TYPE|REGION))$/;

/** Names of the env vars of all containers in an object that have a literal value. */
function literalEnvVars(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const own =
    "env" in value && Array.isArray(value.env) ? (value.env as readonly { name: string; value?: unknown }[]) : [];
  return [
    ...own.filter((entry) => entry.value !== undefined).map(({ name }) => name),
    ...Object.values(value).flatMap(literalEnvVars),
  ];
}

interface WithTemplate {
  readonly spec: {
    readonly template: {
      readonly metadata: {
        readonly annotations: Readonly<Record<string, string>>;
        readonly labels?: Readonly<Record<string, string>>;
      };
      readonly spec: Readonly<Record<string, unknown>>;
    };
  };
}

/** Without what only Helm or only Kustomize writes, by name. */
function comparable(objects: readonly Manifest[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    objects
      .map((object) => [nameOf(object), stripped(object)] as const)
      .toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** One file in the chart, which joins the user's keys with its own; two in Kustomize, which joins files alone. */
function configIn(files: Readonly<Record<string, string>>): unknown {
  return stripped(Object.assign({}, ...Object.values(files).flatMap(parseManifests)));
}

const OURS_ALONE = /^(helm\.sh\/|app\.kubernetes\.io\/|pod-secrets\.dev\/start-config)/;

function stripped(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => stripped(item));
  if (value === "/etc/pod-secrets/config.yaml") return "/etc/pod-secrets/*.yaml";
  if (key === "data") return configIn(value as Readonly<Record<string, string>>);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => (key !== "labels" && key !== "annotations") || !OURS_ALONE.test(name))
    .map(([name, part]) => [name, stripped(part, name)] as const)
    .filter(([name, part]) => (name !== "labels" && name !== "annotations") || Object.keys(part as object).length > 0);
  return Object.fromEntries(entries);
}
