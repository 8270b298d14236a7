/** The chart, its image and the image of the overlays have the version of the webhook. */

/** Files of Kustomize that name the image. */
export const KUSTOMIZATIONS = ["base", "unregister", "overlays/flyte"].map(
  (folder) => `deploy/kustomize/${folder}/kustomization.yaml`,
);

/** Text of Chart.yaml with that version. */
export function withVersion(chart: string, version: string): string {
  return chart.replace(/^version: .*$/m, `version: ${version}`).replace(/^appVersion: .*$/m, `appVersion: ${version}`);
}

/** Text of a kustomization.yaml with the image of that version. */
export function withImageTag(kustomization: string, version: string): string {
  return kustomization.replace(/^( *newTag:) .*$/m, `$1 ${version}`);
}
