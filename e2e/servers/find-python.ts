/** The Python that the servers of the tests run on. */
import { spawnSync } from "node:child_process";

/** Whether servers in Python can run on this machine; if not, why, and what to do about it. */
export type PythonSupport =
  | { readonly kind: "supported"; readonly python: string; readonly version: string }
  | { readonly kind: "unsupported"; readonly reason: string; readonly fix: string };

/** The machine's own comes first. */
const CANDIDATES = ["python3", "python3.13", "python3.12", "python3.11", "python3.10"];

/** All that a virtual environment with pip takes; Debian packs it apart from Python. */
const PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";

/** The versions of Python that the pinned packages have wheels for. */
const VERSIONS: readonly string[] = ["3.10", "3.11", "3.12", "3.13"];

export function pythonSupport(candidates: readonly string[] = CANDIDATES): PythonSupport {
  if (process.platform === "win32") {
    return { kind: "unsupported", reason: "the servers run on Linux and macOS only", fix: "Use one of these." };
  }
  for (const python of candidates) {
    const { stdout, status } = spawnSync(python, ["-c", PROBE], { encoding: "utf8", timeout: PATIENCE });
    const version = stdout?.trim();
    if (status === 0 && VERSIONS.includes(version)) return { kind: "supported", python, version };
  }
  return {
    kind: "unsupported",
    reason: `there is no Python of ${VERSIONS.join(", ")} with the module venv`,
    fix: "Install one (Debian: apt-get install python3-venv).",
  };
}

/** Milliseconds. */
const PATIENCE = 60_000;
