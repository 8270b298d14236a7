/** User text in the commands of init containers: names of plain characters may stand there. */
import { expect, test } from "vitest";

import { checkCommands } from "../src/conformance/user-text-as-code.ts";
import { secretRequest } from "../src/index.ts";
import { testPod } from "../src/pods.ts";
import { additions } from "../src/conformance/additions.ts";

const N = "zq7canary";

function commanded(command: readonly string[], fields: { readonly group?: string; readonly key?: string }): () => void {
  const pod = testPod();
  const init = { name: "pull", image: "x", command };
  const after = { ...pod, spec: { containers: [], ...pod.spec, initContainers: [init] } };
  return () => checkCommands(additions(pod, after), secretRequest(fields));
}

test.each([
  [`get ${N}`, { group: N }],
  [`get ${N}/versions/2 > /a/${N}`, { group: N.toUpperCase() }],
  [`get projects/p.q:r/secrets/${N}_-1`, { group: `projects/p.q:r/secrets/${N}_-1` }],
  ["get what it is told", { group: `; ${N}` }],
])("%s may run for %j", (script, fields) => {
  expect(commanded(["sh", "-ec", script], fields)).not.toThrow();
});

test.each([
  [`get ; ${N}`, { group: `; ${N}` }],
  [`get ${N}`, { group: `x ${N}` }],
  [`get -${N}`, { group: `-${N}` }],
  [`get /a/../${N}`, { group: `../${N}` }],
  [`get '${N}'`, { group: `'${N}'` }],
  [`get ${N};x`, { group: N, key: `${N};x` }],
])("%s may not run for %j", (script, fields) => {
  expect(commanded(["sh", "-ec", script], fields)).toThrow("in the command of container pull");
});
