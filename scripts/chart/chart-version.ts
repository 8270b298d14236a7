/** The chart and its image have the version of the webhook. */

/** Text of Chart.yaml with that version. */
export function withVersion(chart: string, version: string): string {
  return chart.replace(/^version: .*$/m, `version: ${version}`).replace(/^appVersion: .*$/m, `appVersion: ${version}`);
}
