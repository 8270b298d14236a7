/**
 * `npm run e2e`: the tests against a real Kubernetes, and at the end `N passed, N failed`. The size of the load is in
 * `e2e/test/rig/size.ts`.
 */
import { parseArgs } from "node:util";

import { ClusterError, findBinaries } from "../e2e/cluster/src/index.ts";
import { add, countTests, line, printDetails, runVitest, type Count } from "./steps.ts";

const HELP = `Usage: npm run e2e -- [--full] [NAME...]

Tests the webhook in a real Kubernetes that runs on this machine: API server, controllers, scheduler, and as root on
Linux a node that starts containers. The programs are built with Go once, in 11 minutes on two cores, and kept in
~/.cache/pod-secrets. So are the servers that hold secrets, which come from PyPI in two minutes, for any Python from 3.10
to 3.13. What cannot run here is skipped, and the reason is printed.

  NAME     only the test files whose path holds it, such as "registration"
  --full   the loads and repetitions of docs/reliability.md, in hours; without it they fit half an hour
  --help   this text
`;

/** What is left are the tests against servers alone. */
const WITHOUT_KUBERNETES = ["--exclude=**/cluster/test/**", "--exclude=**/deploy/**", "--exclude=test/*.test.ts"];

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(HELP);
} else {
  const size = values.full ? "full" : "short";
  const lack = await prepareKubernetes();
  const step = {
    name: "e2e",
    command: "vitest",
    args: [
      "run",
      "--config",
      "e2e/vitest.config.ts",
      ...positionals,
      ...(lack === undefined ? [] : WITHOUT_KUBERNETES),
    ],
    live: true,
  };
  const ran = countTests("e2e", await runVitest(step, { ...process.env, POD_SECRETS_E2E: size }));
  const count = lack === undefined ? ran : add(ran, skipKubernetes(lack));
  process.stdout.write(`${line(count)}\n`);
  process.exitCode = count.failed > 0 ? 1 : 0;
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

function skipKubernetes({ message }: ClusterError): Count {
  printDetails(`skipped all tests in a Kubernetes: ${message}`);
  return { passed: 0, failed: 0, skipped: 1 };
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
