#!/usr/bin/env node
/** The command `pod-secrets-fetch`. */
import manifest from "../package.json" with { type: "json" };
import { runProgram } from "./command/program.ts";
import { builtInProviders } from "./providers/built-in.ts";

await runProgram(builtInProviders, manifest.version);
