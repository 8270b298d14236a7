/** `pod-secrets inject`: pods in, pods with their secrets out. */
import { decodeReview, encodeReview, type Mutation } from "@pod-secrets/core";

import { AppError } from "../../../errors.ts";
import type { Invocation } from "../../command.ts";
import type { InputDocument } from "../../input/documents-in.ts";
import { eachDocument, tellErrors } from "../../input/each-document.ts";
import { worseExit, type ExitCodeName } from "../../exit-codes.ts";
import { openOfflineWebhook, type OfflineWebhook } from "../offline-webhook.ts";
import { noteOn, objectsOf, type InputObject } from "../../input/pods-in.ts";
import { createPodsOut, type ObjectOut } from "../../output/pods-out.ts";
import { print, say, withoutProgram, type Streams } from "../../streams.ts";

/** Runs the command. */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const isReview = invocation.isOn("review");
  for (const flag of isReview ? NOT_WITH_REVIEW : []) {
    if (!invocation.isOn(flag)) continue;
    throw new AppError("E_USAGE", `--review and --${flag} exclude each other`, "Leave out one of them.");
  }
  const webhook = await openOfflineWebhook(invocation, streams);
  if (webhook === undefined) return "misuse";
  const handle = isReview
    ? reviewAnswerer(webhook, streams)
    : podInjector(webhook, invocation.value("output"), streams);
  try {
    return await eachDocument(invocation.positionals, streams, handle);
  } finally {
    await webhook.close();
  }
}

/** A review says itself in which namespace the pod is, and its answer has one form. */
const NOT_WITH_REVIEW = ["output", "namespace"] as const;

type Handler = (document: InputDocument) => Promise<ExitCodeName>;

/** AdmissionReview in, the answer out. */
function reviewAnswerer(webhook: OfflineWebhook, streams: Streams): Handler {
  return async ({ value }) => {
    const review = decodeReview(value);
    const { response } = await webhook.answer(review);
    await print(streams, `${encodeReview(review.apiVersion, response)}\n`);
    return response.allowed ? "done" : "refused";
  };
}

function podInjector(webhook: OfflineWebhook, format: string | undefined, streams: Streams): Handler {
  const write = createPodsOut(format, streams);
  return async (document) => {
    let exit: ExitCodeName = "done";
    const objects: ObjectOut[] = [];
    for (const object of objectsOf(document)) {
      // A pod that cannot be read does not hide the others of its List.
      let out: ObjectOut = { outcome: "left out", object };
      const work = async (): Promise<ExitCodeName> => {
        out = await injectObject(object, webhook, streams);
        return out.outcome === "left out" ? "refused" : "done";
      };
      // oxlint-disable-next-line no-await-in-loop -- in order, as their messages are read
      exit = worseExit(exit, await tellErrors(work, object.place, streams));
      objects.push(out);
    }
    await write(document, objects);
    return exit;
  };
}

async function injectObject(object: InputObject, webhook: OfflineWebhook, streams: Streams): Promise<ObjectOut> {
  const note = noteOn(object);
  if (note !== undefined) say(streams, note);
  if (!object.isPod) return { outcome: "passed", object };
  const mutation = await webhook.admit(object);
  tell(object, mutation, streams);
  if (mutation.outcome === "refused") return { outcome: "left out", object };
  return {
    outcome: "admitted",
    object,
    pod: mutation.pod,
    patch: mutation.outcome === "changed" ? mutation.patch : [],
  };
}

function tell({ place }: InputObject, mutation: Mutation, streams: Streams): void {
  if (mutation.outcome === "refused") {
    say(streams, `pod-secrets: ${place} is refused: ${withoutProgram(mutation.message)}`);
    return;
  }
  for (const warning of mutation.warnings) say(streams, `warning: ${place}: ${warning}`);
}
