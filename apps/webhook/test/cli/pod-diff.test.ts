import { applyPatch } from "diff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { diffHunks, podDiff } from "../../src/cli/output/pod-diff.ts";
import type { Paint } from "../../src/cli/streams.ts";

const plain: Paint = (_format, text) => text;
const marked: Paint = (format, text) => `<${String(format)}>${text}</>`;

const BEFORE = [
  "kind: Pod",
  "spec:",
  "  initContainers:",
  "  - name: init",
  "    image: a",
  "  # the tasks",
  "  containers:",
  "  - name: main",
  "    env:",
  "    - name: A",
  "      value: a",
  "    - name: B",
  "      value: b",
  "",
].join("\n");

describe("a diff", () => {
  it("is empty when nothing changed", () => {
    expect(podDiff("pod", BEFORE, BEFORE, plain)).toBe("");
  });

  it("names the place, and marks what comes and what goes", () => {
    const after = BEFORE.replace("      value: b\n", "      value: c\n");
    expect(podDiff("pod.yaml", BEFORE, after, marked)).toBe(
      [
        "<bold>--- pod.yaml</>",
        "<bold>+++ pod.yaml</>",
        "<cyan>@@ -10,4 +10,4 @@</><dim> spec containers main env</>",
        "     - name: A",
        "       value: a",
        "     - name: B",
        "<red>-      value: b</>",
        "<green>+      value: c</>",
        "",
      ].join("\n"),
    );
  });

  it.each([
    ["  - name: init\n", "spec initContainers"],
    ["    image: a\n", "spec initContainers init"],
    ["  - name: main\n", "spec containers"],
    ["    - name: B\n", "spec containers main env"],
    ["      value: b\n", "spec containers main env B"],
    ["kind: Pod\n", ""],
  ])("says under which keys %j stands", (line, where) => {
    for (const text of [
      BEFORE,
      BEFORE.replaceAll(/^( *)- /gm, "$1  - ").replaceAll(/^( +)(image|env|value)/gm, "$1  $2"),
    ]) {
      const shifted = text.split("\n").find((candidate) => candidate.trim() === line.trim()) ?? "";
      const [hunk] = diffHunks(text, text.replace(`${shifted}\n`, ""), 0);
      expect(hunk?.where).toBe(where);
    }
  });

  it("makes the one text of the other, whatever they are", () => {
    const text = fc.array(fc.constantFrom("a:", "  - b", "- c", "+d", "@@", "", "\\"), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const [left, right] = [before, after].map((lines) => lines.map((line) => `${line}\n`).join("")) as [
          string,
          string,
        ];
        const diff = podDiff("pod", left, right, plain);
        expect(diff === "" ? left : applyPatch(left, diff)).toBe(right);
      }),
    );
  });
});
