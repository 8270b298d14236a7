/** Thread of a test: replaces a Secret volume as the kubelet does, again and again. */
import { workerData } from "node:worker_threads";

import { writeSecretVolume } from "./secret-volume.ts";

const { directory, names } = workerData as { directory: string; names: readonly string[] };
const rest = new Int32Array(new SharedArrayBuffer(4));
for (let generation = 1; ; generation++) {
  writeSecretVolume(directory, generation, Object.fromEntries(names.map((name) => [name, String(generation)])));
  Atomics.wait(rest, 0, 0, generation % 2 === 0 ? 40 : 1);
}
