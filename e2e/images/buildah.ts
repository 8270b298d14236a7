/** Debian's buildah, which builds images without a daemon and, on a base that is there, without a registry. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { lastLines, run } from "../cluster/src/processes/run.ts";
import { sayOnStandardError } from "../cluster/src/progress.ts";
import type { Support } from "../cluster/src/support.ts";
import { ToolError } from "../tools/tool-error.ts";

/** Why no image can be built here; for tests that skip. */
export function imageSupport(): Support {
  if (process.platform === "linux" && process.getuid?.() === 0) return { kind: "supported" };
  return {
    kind: "unsupported",
    reason: "images are built by root on Linux",
    fix: "Run it as root, in a machine to throw away.",
  };
}

/** Runs buildah with its storage in a folder of the caller. @returns what it says. @throws ToolError */
export type Buildah = (args: readonly string[]) => Promise<string>;

/** @param folder for images and containers under way; nothing of the machine is touched */
export async function openBuildah(folder: string): Promise<Buildah> {
  await ensureInstalled();
  await mkdir(folder, { recursive: true });
  const policy = join(folder, "policy.json");
  await writeFile(policy, JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }));
  const storage = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  return async ([command = "", ...rest]) => {
    const signed = ["bud", "pull", "push", "from"].includes(command) ? ["--signature-policy", policy] : [];
    const { code, stdout, stderr } = await run("buildah", [...storage, command, ...signed, ...rest]);
    if (code === 0) return stdout.trim();
    throw new ToolError(
      "E_TOOL_BUILD",
      `buildah ${command} ended with ${code}: ${lastLines(stderr, 3)}`,
      "See its words.",
    );
  };
}

async function ensureInstalled(): Promise<void> {
  if (await isThere()) return;
  sayOnStandardError("Installing buildah ...");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "buildah"]]) {
    await run("apt-get", args, { env }).catch(() => undefined);
  }
  if (await isThere()) return;
  throw new ToolError("E_TOOL_MISSING", "there is no buildah, and apt-get did not bring it", "Install buildah.");
}

async function isThere(): Promise<boolean> {
  const { code } = await run("buildah", ["--version"]).catch(() => ({ code: 127 }));
  return code === 0;
}
