/** The program of the init container: ours, with one store more. */
import { builtInProviders, runProgram } from "@pod-secrets/secret-fetch";

import { safe } from "./safe.ts";

await runProgram([...builtInProviders, safe], "1.0.0");
