/**
 * `npm run e2e`: the tests against a real Kubernetes, and at the end `N passed, N failed`. The size of the load is in
 * `e2e/test/rig/size.ts`.
 */
import { parseArgs } from "node:util";

import { ClusterError, findBinaries } from "../e2e/cluster/src/index.ts";
import { chooseFiles, E2E_CONFIG } from "./e2e-files.ts";
import { add, countTests, line, print, printDetails, runVitest, type Count } from "./steps.ts";

const HELP = `Usage: npm run e2e -- [--full] [NAME...]

Tests the webhook in a real Kubernetes that runs on this machine: API server, controllers, scheduler, and as root on
Linux a node that starts containers. The programs are built with Go once, in 11 minutes on two cores, and kept in
~/.cache/pod-secrets. So are the servers that hold secrets, which come from PyPI in two minutes, for any Python from 3.10
to 3.13. What cannot run here is skipped, and the reason is printed: that is no failure, but a NAME that no file has is.

  NAME     only the test files whose path holds it, such as "registration"
  --full   the loads and repetitions of docs/reliability.md, in hours; without it they fit half an hour
  --help   this text
`;

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(HELP);
} else {
  const count = await runNamed(positionals, values.full ? "full" : "short");
  process.stdout.write(`${line(count)}\n`);
  process.exitCode = count.failed > 0 ? 1 : 0;
}

async function runNamed(names: readonly string[], size: "full" | "short"): Promise<Count> {
  const { inKubernetes, againstServers, unknownNames } = await chooseFiles(names);
  if (unknownNames.length > 0) return failUnknown(unknownNames);
  const lack = inKubernetes.length > 0 ? await prepareKubernetes() : undefined;
  if (lack === undefined) return runTests(names, size);
  const skipped = skipFiles(inKubernetes, lack);
  return againstServers.length > 0 ? add(await runTests(againstServers, size), skipped) : skipped;
}

/** @param names parts of the paths of files */
async function runTests(names: readonly string[], size: "full" | "short"): Promise<Count> {
  const step = {
    name: "e2e",
    command: "vitest",
    args: ["run", "--config", E2E_CONFIG, ...names],
    live: true,
  };
  return countTests("e2e", await runVitest(step, { ...process.env, POD_SECRETS_E2E: size }));
}

function failUnknown(names: readonly string[]): Count {
  const list = names.map((name) => JSON.stringify(name)).join(" or ");
  print("e2e", false, "nothing was run");
  printDetails(`No test file has ${list} in its path. See them: ls e2e/test e2e/cluster/test e2e/test/*/`);
  return { passed: 0, failed: 1, skipped: 0 };
}

/**
 * Builds Kubernetes before the first test, whose time limit is not for that.
 * @returns why it cannot be had on this machine
 */
async function prepareKubernetes(): Promise<ClusterError | undefined> {
  try {
    await findBinaries();
    return undefined;
  } catch (error) {
    if (error instanceof ClusterError && error.code === "E_CLUSTER_NO_GO") return error;
    throw error;
  }
}

/** They count as one test each: how many are in them, only a run would say. */
function skipFiles(files: readonly string[], { message }: ClusterError): Count {
  for (const file of files) printDetails(`skipped 1 of ${file}: ${message}`);
  return { passed: 0, failed: 0, skipped: files.length };
}

function readArguments(): { values: { full: boolean; help: boolean }; positionals: readonly string[] } {
  try {
    const options = {
      full: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    } as const;
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    process.exit(2);
  }
}
