/** What `npm start` shows. */
import { basename } from "node:path";

import { diffHunks, paintLine } from "../../apps/webhook/src/cli/output/pod-diff.ts";
import { editYaml, printYaml } from "../../apps/webhook/src/cli/input/kubernetes-yaml.ts";
import { withoutProgram, type Paint } from "../../apps/webhook/src/cli/streams.ts";
import { applyPatch, describeRequest, type PatchOperation } from "../../packages/core/src/index.ts";
import type { Answer } from "./api-server.ts";
import type { Example } from "./examples.ts";
import type { LogLine, Webhook } from "./webhook-process.ts";

const RULE = "─".repeat(100);

export function describeStart(webhook: Webhook, config: string, secrets: readonly string[], paint: Paint): string {
  return [
    `${paint("bold", "pod-secrets")} serves on ${webhook.url}, ready after ${Math.round(webhook.milliseconds)} ms.`,
    `Managers, in the order of ${config}: ${webhook.managers.join(", ")}.`,
    `Its global secret is made up: ${secrets.join(", ")}.`,
    "The example pods go to it as the API server would send them.",
  ].join("\n");
}

export function describeExample({ name, title, secrets }: Example, paint: Paint): string {
  const asked = secrets.map(({ request }) => {
    const own = request.envVar === "" ? "" : `, under the name ${request.envVar} too`;
    return `  asks for ${describeRequest(request)}${own}`;
  });
  return ["", paint("dim", RULE), paint("bold", basename(name, ".yaml")), title, ...asked, ""].join("\n");
}

/** The answer, and what about it is not as the example expects. */
export function describeAnswer(
  example: Example,
  answer: Answer,
  admission: LogLine,
  paint: Paint,
): { readonly text: string; readonly problems: readonly string[] } {
  const { response } = answer.review;
  const patch = response?.patch === undefined ? [] : decodePatch(response.patch);
  const problems = findProblems(example, answer, admission, patch);
  const lines = response?.allowed === true ? diffLines(example, patch, paint) : [];
  const time = paint("dim", `(${(admission.milliseconds ?? 0).toFixed(1)} ms)`);
  const verdict =
    response?.allowed === true
      ? `${paint("green", "admitted")} ${time} ${(admission.secrets ?? []).join(", ")}`
      : `${paint("red", "refused")} ${time} ${refusalText(response?.status?.message ?? "")}`;
  const warnings = (response?.warnings ?? []).map((warning) => `${paint("yellow", "warning")} ${warning}`);
  const complaints = problems.map((problem) => `${paint("red", "unexpected")} ${problem}`);
  return { text: [...lines, verdict, ...warnings, ...complaints].join("\n"), problems };
}

/** Its secrets one below the other. */
function refusalText(message: string): string {
  return withoutProgram(message).replaceAll(/(?:[:;]|(?<=\.)) (\(\d+\) )/g, "\n  $1");
}

function decodePatch(base64: string): readonly PatchOperation[] {
  return JSON.parse(Buffer.from(base64, "base64").toString("utf8")) as readonly PatchOperation[];
}

function diffLines({ yaml }: Example, patch: readonly PatchOperation[], paint: Paint): readonly string[] {
  const before = printYaml(yaml);
  const edited = yaml.document.clone();
  editYaml(edited, patch, "");
  return diffHunks(before, printYaml({ ...yaml, document: edited }), 1).flatMap(({ where, lines }) => [
    paint("dim", where),
    // What follows a change says nothing; what precedes it says where it is.
    ...lines.slice(0, lines.findLastIndex((line) => !line.startsWith(" ")) + 1).map((line) => paintLine(line, paint)),
    "",
  ]);
}

function findProblems(
  { pod, secrets }: Example,
  { status, review }: Answer,
  admission: LogLine,
  patch: readonly PatchOperation[],
): readonly string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string): void => void (holds || problems.push(problem));
  const { response } = review;
  const expected = secrets.map(({ result }) => result);
  const isRefused = expected.some((result) => result.startsWith("refused"));
  expect(status === 200, `HTTP status ${status}`);
  expect(response?.allowed === !isRefused, isRefused ? "the pod was to be refused" : "the pod was to be admitted");
  expect(isRefused || patch.length > 0, "there is no patch");
  const results = (admission.secrets ?? []).map((secret) => secret.slice(secret.lastIndexOf(": ") + 2));
  expect(results.join(", ") === expected.join(", "), `expected ${expected.join(", ")}; got ${results.join(", ")}`);
  // Throws when it does not apply to what was sent.
  applyPatch(pod, patch);
  return problems;
}

export function describeNextSteps(webhook: Webhook, ca: string, review: string, paint: Paint): string {
  const example = "examples/pods/03-k8s-file.yaml";
  const refused = "--config examples/config/all-managers.yaml examples/pods/10-refused.yaml";
  const body = `-H 'Content-Type: application/json' --data @${review}`;
  const steps = [
    ["What becomes of a pod, without a server", `npm run -s pod-secrets -- inject -o diff ${example}`],
    ["Why a pod is refused", `npm run -s pod-secrets -- explain ${refused}`],
    [
      "The JSON Patch for an admission review",
      `curl -sS --cacert ${ca} ${body} ${webhook.url} | sed -E 's/.*"patch":"([^"]+)".*/\\1/' | base64 -d`,
    ],
    ["What has been counted", `curl -sS ${webhook.operationsUrl}/metrics`],
  ] as const;
  return [
    "",
    paint("dim", RULE),
    paint("bold", "It goes on serving; Ctrl-C ends it. Try in another terminal:"),
    ...steps.flatMap(([what, command]) => ["", `  ${paint("dim", `# ${what}`)}`, `  ${command}`]),
    "",
    "Its log:",
  ].join("\n");
}
