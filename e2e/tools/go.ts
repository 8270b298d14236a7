/** Go, which builds the programs of the tests that no package registry has. */
import { spawnSync } from "node:child_process";

import type { Support } from "../cluster/src/support.ts";

/** In the PATH, or where Go's own installer puts it. */
export function findGo(): string | undefined {
  return ["go", "/usr/local/go/bin/go"].find((go) => spawnSync(go, ["version"]).status === 0);
}

/** @param reason why it is needed when it is missing, without a full stop */
export function goSupport(reason = "there is no Go"): Support {
  return findGo() === undefined ? { kind: "unsupported", reason, fix: INSTALL_GO } : { kind: "supported" };
}

export const INSTALL_GO = "Install Go 1.26 or newer.";
