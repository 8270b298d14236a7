/** What the chart and the overlays consist of, as objects. */
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { parseAllDocuments } from "yaml";

import { run } from "../cluster/src/processes/run.ts";
import { helmBinary } from "./helm.ts";

const root = join(import.meta.dirname, "../..");
export const CHART = join(root, "deploy/helm/pod-secrets");
export const KUSTOMIZE = join(root, "deploy/kustomize");

/** An object of the API, as it stands in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** A release as the tests render it. */
export interface Release {
  readonly name?: string;
  readonly namespace?: string;
  /** Files of values, in the chart's folder `ci`, without `-values.yaml`. */
  readonly values?: readonly string[];
  /** As for `--set`. */
  readonly set?: readonly string[];
}

/** The sets of values that are documented, by name. */
export function valuesSets(): readonly string[] {
  return globSync("*-values.yaml", { cwd: join(CHART, "ci") })
    .map((file) => basename(file, "-values.yaml"))
    .toSorted();
}

/** What `helm template` says: manifests, or the error. */
export async function helmTemplate({
  name = "pod-secrets",
  namespace = "pod-secrets",
  values = [],
  set = [],
}: Release): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const files = values.flatMap((file) => ["--values", join(CHART, "ci", `${file}-values.yaml`)]);
  const args = ["template", name, CHART, "--namespace", namespace, ...files, ...set.flatMap((pair) => ["--set", pair])];
  return run(await helmBinary(), args);
}

/** The objects of a release, those of its hooks too. @throws Error when Helm refuses the values */
export async function renderChart(release: Release): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await helmTemplate(release);
  if (code !== 0) throw new Error(`helm template ended with ${code}: ${stderr}`);
  return parseManifests(stdout);
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((object) => object !== null);
}

export function isHook({ metadata }: Manifest): boolean {
  return metadata.annotations?.["helm.sh/hook"] !== undefined;
}

/** `Kind/name`, or `Kind/namespace/name`. */
export function nameOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name].join("/");
}
