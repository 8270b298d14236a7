#!/usr/bin/env node
/** The command `pod-secrets`. */
import { runCommandLine } from "./cli/run.ts";

// Set and not exited with: what is still on its way to standard output gets there.
process.exitCode = await runCommandLine(process.argv.slice(2), process);
