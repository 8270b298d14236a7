/** How much the tests against a real Kubernetes do: short for every change, full for the figures in docs/reliability.md. */

/** One figure in both sizes; `npm run e2e -- --full` takes the second. */
export function sized(short: number, full: number): number {
  return process.env["POD_SECRETS_E2E"] === "full" ? full : short;
}
