/** `pod-secrets explain`: what becomes of each secret of a pod, and why. Never a value. */
import { describeRequest, describeSource, type Answer, type Decision, type Mutation } from "@pod-secrets/core";

import type { Invocation } from "../../command.ts";
import { eachDocument, tellErrors } from "../../input/each-document.ts";
import { worseExit, type ExitCodeName } from "../../exit-codes.ts";
import { foundAs, type FoundAs } from "../../output/found-as.ts";
import { openOfflineWebhook, type OfflineWebhook } from "../offline-webhook.ts";
import { podChanges, type PodChange } from "../../output/pod-changes.ts";
import { noteOn, objectsOf, shown, type InputObject } from "../../input/pods-in.ts";
import { paintFor, print, say, withoutProgram, type Paint, type Streams } from "../../streams.ts";

/** Runs the command. */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const webhook = await openOfflineWebhook(invocation, streams);
  if (webhook === undefined) return "misuse";
  const write = invocation.value("output") === "json" ? toJson : toText(paintFor(streams.stdout));
  try {
    return await eachDocument(invocation.positionals, streams, async (document) => {
      let exit: ExitCodeName = "done";
      const objects = objectsOf(document);
      if (objects.length === 0)
        say(streams, `note: ${document.place}: the List is empty, so there is nothing to explain`);
      for (const object of objects) {
        const work = (): Promise<ExitCodeName> => explainObject(object, webhook, write, streams);
        // oxlint-disable-next-line no-await-in-loop -- in order, as they are read
        exit = worseExit(exit, await tellErrors(work, object.place, streams));
      }
      return exit;
    });
  } finally {
    await webhook.close();
  }
}

/** What one secret changed. */
interface Step {
  readonly changes: readonly PodChange[];
  /** Where flytekit looks for it, and finds it. Absent when it was refused, and when the pod does not show it. */
  readonly found?: FoundAs;
}

/** What became of one secret. */
interface SecretRecord extends Step {
  readonly decision: Decision;
}

interface PodRecord {
  readonly object: InputObject;
  readonly namespace: string;
  readonly mutation: Mutation;
  readonly secrets: readonly SecretRecord[];
}

async function explainObject(
  object: InputObject,
  webhook: OfflineWebhook,
  write: (record: PodRecord) => string,
  streams: Streams,
): Promise<ExitCodeName> {
  const note = noteOn(object);
  if (note !== undefined) say(streams, note);
  if (!object.isPod) return "done";
  const steps = new Map<string, Step>();
  const mutation = await webhook.admit(object, ({ outcome, request }, before, after) => {
    if (outcome === "refused") return;
    const earlier = steps.get(request.source);
    const changes = [...(earlier?.changes ?? []), ...podChanges(before, after)];
    const found = foundAs(request, before, after, webhook.naming) ?? earlier?.found;
    steps.set(request.source, { changes, ...(found === undefined ? {} : { found }) });
  });
  const secrets = mutation.decisions.map((decision) => secretRecord(decision, steps.get(decision.request.source)));
  await print(streams, write({ object, namespace: webhook.namespace(object), mutation, secrets }));
  return mutation.outcome === "refused" ? "refused" : "done";
}

/** A secret that the pod does not get changed nothing, also where a manager had it. */
function secretRecord(decision: Decision, step: Step = { changes: [] }): SecretRecord {
  return decision.outcome === "injected" ? { decision, ...step } : { decision, changes: [] };
}

function toJson({ object, namespace, mutation, secrets }: PodRecord): string {
  const { outcome } = mutation;
  const said = outcome === "refused" ? { message: mutation.message } : { warnings: mutation.warnings };
  const record = {
    source: object.source,
    pod: object.name,
    namespace,
    outcome,
    ...said,
    secrets: secrets.map(({ decision, ...rest }) => ({ ...decision, ...rest })),
  };
  return `${JSON.stringify(record)}\n`;
}

function toText(paint: Paint): (record: PodRecord) => string {
  return ({ object, namespace, mutation, secrets }) => {
    const head = paint("bold", `${object.place} in namespace ${shown(namespace)}`);
    const body = secrets.flatMap((secret) => ["", ...secretLines(secret, paint)]);
    return `${[head, ...body, "", ...resultLines(mutation, paint)].join("\n")}\n\n`;
  };
}

function secretLines({ decision, changes, found }: SecretRecord, paint: Paint): readonly string[] {
  const { request, answers } = decision;
  const width = Math.max(0, ...answers.map(({ injector }) => injector.length));
  return [
    `  ${describeRequest(request)} ${paint("dim", `[${describeSource(request.source)}]`)}`,
    ...answers.map((answer) => `    ${answer.injector.padEnd(width)}  ${answerText(answer, decision, changes, paint)}`),
    ...changes.map((change) => `      ${paint("green", "+")} ${changeText(change)}`),
    ...(found === undefined ? [] : foundLines(found)),
    ...nobodyLines(decision, paint),
  ];
}

function foundLines({ as, name, secret, inPod }: FoundAs): readonly string[] {
  const place = `    the task finds it as ${as === "env" ? "env var" : "file"} ${shown(name)}`;
  if (inPod === true) return [place, "    its value stands in the pod, where whoever may read pods reads it"];
  if (secret === undefined) return [place];
  return [place, `    its value comes from Secret ${shown(secret)} when the pod starts; nothing looks it up before`];
}

/** Every manager passed: what the user can do stands in the decision. */
function nobodyLines(decision: Decision, paint: Paint): readonly string[] {
  if (decision.outcome === "injected" || decision.answers.at(-1)?.outcome !== "skipped") return [];
  return [`    ${paint("red", "nobody has it")}: ${decision.code}. Fix: ${decision.fix}`];
}

function answerText(answer: Answer, decision: Decision, changes: readonly PodChange[], paint: Paint): string {
  switch (answer.outcome) {
    case "injected":
      if (decision.outcome === "refused") return `${paint("yellow", "has it")}, but the pod cannot get all its secrets`;
      return paint("green", changes.length === 0 ? "has it, and the pod has it already" : "has it, and adds");
    case "skipped":
      return `${paint("yellow", "passes")}: ${answer.reason}`;
    case "refused":
      return `${paint("red", "refuses")}: ${answer.code}: ${answer.message}. Fix: ${answer.fix}`;
  }
}

function changeText(change: PodChange): string {
  switch (change.kind) {
    case "env": {
      const from = change.from === undefined ? "" : ` from ${change.from}`;
      const replaces = change.replaces ? " (in place of the pod's own)" : "";
      return `env var ${shown(change.name)}${from}${replaces} in ${containersText(change.containers)}`;
    }
    case "mount":
      return `mount ${change.path} of volume ${shown(change.volume)} in ${containersText(change.containers)}`;
    case "volume":
      return `volume ${shown(change.name)} (${change.source})`;
    case "file":
      return `file ${change.name} in volume ${shown(change.volume)}`;
    case "initContainer":
      return `init container ${shown(change.name)} (image ${change.image})`;
    case "annotation":
      return `annotation ${shown(change.name)}`;
    case "imagePullSecret":
      return `image pull secret ${shown(change.name)}`;
    case "field":
      return `change at ${change.path}`;
  }
}

/** Names up to here, then a number. */
const MAX_CONTAINERS = 4;

function containersText(names: readonly string[]): string {
  if (names.length === 1) return `container ${shown(names[0] ?? "")}`;
  if (names.length > MAX_CONTAINERS) return `${names.length} containers`;
  return `containers ${names.map(shown).join(", ")}`;
}

function resultLines(mutation: Mutation, paint: Paint): readonly string[] {
  if (mutation.outcome === "refused") {
    const refused = mutation.decisions.filter(isToBlame).length;
    const told = `${refused} of ${mutation.decisions.length} secrets cannot be injected, see above.`;
    return [`  ${paint("red", "The pod is refused:")} ${refused === 0 ? withoutProgram(mutation.message) : told}`];
  }
  const warnings = mutation.warnings.map((warning) => `  ${paint("yellow", "warning:")} ${warning}`);
  if (mutation.outcome === "changed")
    return [...warnings, `  ${paint("green", "The pod is admitted with these changes.")}`];
  const reason =
    mutation.decisions.length === 0
      ? "it asks for no secret, having no annotation flyte.secrets/s0"
      : "it has what it asks for";
  return [...warnings, `  The pod starts as it is: ${warnings.length > 0 ? "see above" : reason}.`];
}

/** A secret that cannot be given; others of the pod are left out for its sake. */
function isToBlame(decision: Decision): boolean {
  return decision.outcome === "refused" && decision.code !== "E_WITHDRAWN";
}
