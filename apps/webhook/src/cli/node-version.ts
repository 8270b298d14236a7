/** Whether this Node can run the command: an older one fails with a fault of ours at the first thing it does not know. */
import manifest from "../../package.json" with { type: "json" };
import { AppError } from "../errors.ts";

/**
 * Holds a version of Node against `engines` of the package.
 * @param version such as `24.21.0`
 * @throws AppError `E_USAGE`
 */
export function checkNode(version: string): void {
  const least = manifest.engines.node.replace(">=", "");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new AppError("E_USAGE", `Node ${version} is too old`, `Run it with Node ${least} or newer.`);
}
