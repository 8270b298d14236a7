import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { isFetchFailure } from "../../src/failure.ts";
import { envValue, formatEnvFile } from "../../src/volume/env-file.ts";
import { envText as value } from "./env-texts.ts";
import { readByKubelet } from "./kubelet-env-file.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function accepted(text: string): string | undefined {
  try {
    return envValue("KEY", bytes(text));
  } catch (error) {
    if (isFetchFailure(error)) return undefined;
    throw error;
  }
}

describe("an env file", () => {
  test("gives the kubelet every value as it was", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/), value, { minKeys: 1 }),
        (vars) => {
          const lines = Object.entries(vars).flatMap(([key, text]) => {
            const taken = accepted(text);
            return taken === undefined ? [] : [{ key, value: taken }];
          });
          const file = formatEnvFile(lines);
          for (const line of lines) expect(readByKubelet(file, line.key)).toBe(vars[line.key]);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("takes every value that the kubelet would read as it was", () => {
    fc.assert(
      fc.property(value, (text) => {
        if (accepted(text) !== undefined || text.includes("\0")) return;
        let read: string | undefined;
        try {
          read = readByKubelet(`KEY='${text}'\n`, "KEY");
        } catch {
          read = undefined;
        }
        expect(read).not.toBe(text === "" ? "never" : text);
      }),
      { numRuns: 2000 },
    );
  });

  test("with no line is empty, and still a file", () => {
    expect(formatEnvFile([])).toBe("");
  });

  test("takes the longest line that the kubelet reads", () => {
    const longest = "x".repeat(65_535 - "KEY=''".length - 1);
    expect(readByKubelet(formatEnvFile([{ key: "KEY", value: envValue("KEY", bytes(longest)) }]), "KEY")).toBe(longest);
  });

  test("keeps a byte order mark", () => {
    expect(envValue("KEY", bytes("\ufeffx"))).toBe("\ufeffx");
  });
});

describe("a value is refused that", () => {
  test.each<[string, Uint8Array]>([
    ["is empty", bytes("")],
    ["has a single quote", bytes("it's")],
    ["has a NUL character", bytes("a\0b")],
    ["has line ends of Windows", bytes("a\r\nb")],
    ["is no text in UTF-8", Uint8Array.of(0x66, 0xff)],
    ["has a line of 64 KiB or more", bytes("x".repeat(65_536))],
    ["is longer than an env var can be", bytes("a\n".repeat(70_000))],
  ])("%s", (what, content) => {
    expect(() => envValue("PASSWORD", content)).toThrow(
      expect.objectContaining({
        kind: "unusable-value",
        message: `the value cannot be env var PASSWORD of an env file: it ${what}`,
      }),
    );
  });
});
