/** `node helm-path.ts`: says where the real Helm is, and builds it before if it has to. */
import { helmBinary } from "./helm.ts";
import { ToolError } from "./tool-error.ts";

try {
  process.stdout.write(`${await helmBinary()}\n`);
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  process.stderr.write(`npm run cluster: ${error.message}\n`);
  process.exitCode = 1;
}
