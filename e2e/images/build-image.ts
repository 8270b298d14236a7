/** `node build-image.ts NAME:TAG ARCHIVE`: the webhook's image of the built bundle, as a docker archive. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ToolError } from "../tools/tool-error.ts";
import { buildWebhookImage } from "./webhook-image.ts";

const BUNDLE = join(import.meta.dirname, "../../apps/webhook/dist");

const [name = "", archive = ""] = process.argv.slice(2);
const colon = name.lastIndexOf(":");
try {
  if (!existsSync(join(BUNDLE, "main.mjs")))
    throw new ToolError("E_TOOL_MISSING", "there is no built webhook in apps/webhook/dist", "Run `npm run build`.");
  const [repository, version] = [name.slice(0, colon), name.slice(colon + 1)];
  await buildWebhookImage({ bundle: BUNDLE, repository, version, archive });
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  process.stderr.write(`npm run cluster: ${error.message}\n`);
  process.exitCode = 1;
}
