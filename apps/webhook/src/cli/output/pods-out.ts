/** Objects -> standard output, in the format asked for. */
import type { PatchOperation, Pod } from "@pod-secrets/core";

import type { InputDocument } from "../input/documents-in.ts";
import { editYaml, printYaml, toYaml } from "../input/kubernetes-yaml.ts";
import { podDiff } from "./pod-diff.ts";
import { isList, type InputObject } from "../input/pods-in.ts";
import { paintFor, print, say, type Streams } from "../streams.ts";

/** What becomes of an object of the input. */
export type ObjectOut =
  /** It is no pod. */
  | { readonly outcome: "passed"; readonly object: InputObject }
  /** A pod that must not start, or cannot be read. */
  | { readonly outcome: "left out"; readonly object: InputObject }
  | {
      readonly outcome: "admitted";
      readonly object: InputObject;
      readonly pod: Pod;
      /** Empty when nothing changed. */
      readonly patch: readonly PatchOperation[];
    };

/** Writes one document of the input, with all that is in it. */
export type PodsOut = (document: InputDocument, objects: readonly ObjectOut[]) => Promise<void>;

/** Opens the output in a format: the value of `--output`. */
export function createPodsOut(format: string | undefined, streams: Streams): PodsOut {
  switch (format) {
    case "json":
      return (_document, objects) => printLines(objects, jsonLine, streams);
    case "patch":
      return (_document, objects) => printLines(objects, patchLine, streams);
    case "diff":
      return (document, objects) => printDiffs(document, objects, streams);
    default:
      return createYamlOut(streams);
  }
}

async function printLines(
  objects: readonly ObjectOut[],
  line: (object: ObjectOut) => string | undefined,
  streams: Streams,
): Promise<void> {
  const lines = objects.map(line).filter((text) => text !== undefined);
  if (lines.length > 0) await print(streams, `${lines.join("\n")}\n`);
}

function jsonLine(out: ObjectOut): string | undefined {
  return out.outcome === "left out" ? undefined : JSON.stringify(resultOf(out));
}

function patchLine(out: ObjectOut): string | undefined {
  return out.outcome === "admitted" ? JSON.stringify(out.patch) : undefined;
}

async function printDiffs(document: InputDocument, objects: readonly ObjectOut[], streams: Streams): Promise<void> {
  const paint = paintFor(streams.stdout);
  for (const out of objects) {
    if (out.outcome !== "admitted" || out.patch.length === 0) continue;
    const [before, after] =
      out.object.pointer === "" ? textsOf(document, out) : [textOf(out.object.value), textOf(out.pod)];
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as the reader takes them
    await print(streams, podDiff(out.object.place, before, after, paint));
  }
}

/** The document before and after, with its comments where it is YAML. */
function textsOf(document: InputDocument, out: Extract<ObjectOut, { outcome: "admitted" }>): readonly [string, string] {
  const before = document.yaml === undefined ? textOf(document.value) : printYaml(document.yaml);
  return [before, editedText(document, [out])];
}

/** Documents in their order, parted by `---`. */
function createYamlOut(streams: Streams): PodsOut {
  let isFirst = true;
  return async (document, objects) => {
    if (!isList(document) && objects.every(({ outcome }) => outcome === "left out")) return;
    if (document.losesComments === true)
      say(streams, `note: ${document.place} is written anew, without its comments and anchors`);
    const text = `${isFirst ? "" : "---\n"}${editedText(document, objects)}`;
    await print(streams, text.replaceAll("\n", document.lineEnd ?? "\n"));
    isFirst = false;
  };
}

function editedText(document: InputDocument, objects: readonly ObjectOut[]): string {
  const { yaml } = document;
  if (yaml === undefined) return textOf(editedValue(document, objects));
  // From the end, so that what is left out does not move what comes before it.
  for (const out of objects.toReversed()) {
    if (out.outcome === "admitted") editYaml(yaml.document, out.patch, out.object.pointer);
    if (out.outcome === "left out") editYaml(yaml.document, [{ op: "remove", path: out.object.pointer }], "");
  }
  return printYaml(yaml);
}

function editedValue(document: InputDocument, objects: readonly ObjectOut[]): unknown {
  const results = objects.filter(({ outcome }) => outcome !== "left out").map(resultOf);
  return isList(document) ? { ...document.value, items: results } : results[0];
}

function resultOf(out: ObjectOut): unknown {
  return out.outcome === "admitted" ? out.pod : out.object.value;
}

function textOf(value: unknown): string {
  return printYaml(toYaml(value));
}
