import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";

import { runCommandLine } from "../../src/cli/run.ts";
import { collector } from "./running.ts";

describe("a fault of pod-secrets itself", () => {
  it("ends with 70, says where it happened, and shows no text that may hold a value", async () => {
    const stdout = collector();
    const stderr = collector();
    const stdin = Readable.from(
      (async function* broken(): AsyncGenerator<string> {
        yield "a: 1\n";
        throw new RangeError("s3cr3t");
      })(),
    );
    const exit = await runCommandLine(["inject", "-"], { stdin, stdout: stdout.stream, stderr: stderr.stream });
    expect(exit).toBe(70);
    expect(stdout.text()).toBe("");
    expect(stderr.text()).toMatch(/^pod-secrets: E_INTERNAL: it failed with RangeError\. Fix: .+\.\n\s+at /);
    expect(stderr.text()).not.toContain("s3cr3t");
  });
});
