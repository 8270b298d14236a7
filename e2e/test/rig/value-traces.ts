/** Where a text has left traces: in any object of the API server, and in all files of a cluster and its node. */
import { globSync } from "node:fs";
import { join, relative } from "node:path";

import type { ControlPlane } from "../../cluster/src/index.ts";
import { run } from "../../cluster/src/processes/run.ts";

/** Names of a path that are told. */
const DEPTH = 3;

/**
 * Looks for a text, and for its base64, in every object of every kind, and in etcd's files, all logs, and what kubelet
 * and container runtime keep on the disk of the node.
 * @returns kinds of objects, and folders below that of the cluster
 */
export async function tracesOf({ kubectl, directory }: ControlPlane, text: string): Promise<readonly string[]> {
  const forms = [text, ...base64Forms(text)];
  const kinds = (await kubectl(["api-resources", "--verbs=list", "--output=name"])).stdout.trim().split("\n");
  const traces = new Set<string>();
  for (const kind of kinds) {
    const { stdout } = await kubectl(["get", kind, "--all-namespaces", "--output=json"]);
    if (forms.some((form) => stdout.includes(form))) traces.add(kind);
  }
  const patterns = forms.flatMap((form) => ["-e", form]);
  // Images are those of this machine, and hold no value; volumes in memory are mounted in the node only.
  const folders = globSync(join(directory, "*")).filter((folder) => !folder.endsWith("/images"));
  const { code, stdout, stderr } = await run("grep", ["-rlaF", "--devices=skip", ...patterns, ...folders]);
  if (code === 2 && stdout === "") throw new Error(`grep: ${stderr}`);
  for (const file of stdout.split("\n").filter((line) => line !== "")) {
    traces.add(relative(directory, file).split("/").slice(0, DEPTH).join("/"));
  }
  return [...traces].toSorted();
}

/** A text within a longer one in base64 looks different at each of three places; what does not depend on others is left. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString("base64");
    const start = shift === 0 ? 0 : shift + 1;
    return encoded.slice(start, start + Math.floor(((text.length - 3) * 4) / 3));
  });
}
