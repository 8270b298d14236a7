#!/usr/bin/env node
/** The command `pod-secrets`. */
import { runCommandLine, sayStrayErrors } from "./cli/run.ts";

const args = process.argv.slice(2);
const failedBeside = args[0] === "serve" ? undefined : sayStrayErrors(process);
const code = await runCommandLine(args, process);
// What an injector leaves running, such as one that hangs in its start, must not keep a webhook that has stopped.
if (args[0] === "serve") process.exit(code);
// Set and not exited with: what is still on its way to standard output gets there.
if (failedBeside?.() !== true) process.exitCode = code;
