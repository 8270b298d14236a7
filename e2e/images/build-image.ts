/** `node build-image.ts webhook|fetch NAME:TAG ARCHIVE`: the image of a built bundle, as a docker archive. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ToolError } from "../tools/tool-error.ts";
import { buildWebhookImage } from "./webhook-image.ts";

const ROOT = join(import.meta.dirname, "../..");

const WEBHOOK = { dockerfile: "Dockerfile", bundle: "apps/webhook/dist", program: "main.mjs" };
const FETCH = {
  dockerfile: "Dockerfile.fetch",
  bundle: "packages/secret-fetch/dist/bin",
  program: "pod-secrets-fetch.mjs",
};

const [of = "", name = "", archive = ""] = process.argv.slice(2);
const { dockerfile, bundle, program } = of === "fetch" ? FETCH : WEBHOOK;
const colon = name.lastIndexOf(":");
try {
  if (!existsSync(join(ROOT, bundle, program)))
    throw new ToolError("E_TOOL_MISSING", `there is no ${program} in ${bundle}`, "Run `npm run build`.");
  const [repository, version] = [name.slice(0, colon), name.slice(colon + 1)];
  await buildWebhookImage({ dockerfile, bundle: join(ROOT, bundle), repository, version, archive });
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  process.stderr.write(`npm run cluster: ${error.message}\n`);
  process.exitCode = 1;
}
