import { applyPatch, createPatch, type Pod } from "@pod-secrets/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineCounter, parseDocument } from "yaml";

import {
  YAML_OPTIONS,
  editYaml,
  isEditable,
  layoutOf,
  printYaml,
  toYaml,
} from "../../src/cli/input/kubernetes-yaml.ts";
import type { YamlSource } from "../../src/cli/input/kubernetes-yaml.ts";

function parse(text: string): YamlSource {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { ...YAML_OPTIONS, lineCounter });
  return { document, layout: layoutOf(document, lineCounter) };
}

function edited(text: string, ...patch: Parameters<typeof editYaml>[1]): string {
  const source = parse(text);
  editYaml(source.document, patch, "");
  return printYaml(source);
}

describe("a change in YAML", () => {
  it("leaves comments, order, quotes and numbers of the rest as they are", () => {
    const text = [
      "# The pod.",
      "kind: Pod",
      "spec:",
      "  # what runs",
      "  mode: 0644",
      "  args: [\"a\", b, 'c']",
      "  containers:",
      "    # the task",
      "    - name: main # first",
      "      value: 0.50",
      "    - name: other",
      "  text: |",
      "    one",
      "    two",
      "",
    ].join("\n");
    expect(edited(text, { op: "add", path: "/spec/containers/1/env", value: [{ name: "A", value: "yes" }] })).toBe(
      text.replace("    - name: other\n", '    - name: other\n      env:\n        - name: A\n          value: "yes"\n'),
    );
  });

  it.each(["\n\n  first\nlast\n", "  first\nlast\n", "\t first\nlast"])(
    "keeps a text that starts with spaces, %j, whatever the indentation of the rest",
    (value) => {
      const source = parse(`a:\n    b:\n        - c: ${JSON.stringify(value)}\n`);
      editYaml(source.document, [{ op: "add", path: "/a/d", value }], "");

      expect(parseDocument(printYaml(source), YAML_OPTIONS).toJS()).toEqual({ a: { b: [{ c: value }], d: value } });
    },
  );

  it.each([
    ["two spaces, lists further in", "a:\n  b:\n    - c: 1\n      d: {e: 1}\n"],
    ["lists below their key", "a:\n  b:\n  - c: 1\n    d: { e: 1 }\n"],
    ["four spaces", "a:\n    b:\n        - c: 1\n"],
    ["on one line", "a: [1, {b: 2}]\n"],
    ["on one line, with spaces", "a: [ 1, { b: 2 } ]\n"],
  ])("keeps the layout: %s", (_name, text) => {
    expect(printYaml(parse(text))).toBe(text);
  });

  it("writes long text on one line", () => {
    const text = `a: ${"word ".repeat(60).trim()}\n`;
    expect(printYaml(parse(text))).toBe(text);
  });

  it("adds in front, in between, at the end, to what was empty, and to what was not there", () => {
    expect(edited("a:\n- 1\n- 2\n", { op: "add", path: "/a/0", value: 0 })).toBe("a:\n- 0\n- 1\n- 2\n");
    expect(edited("a:\n- 1\n- 2\n", { op: "add", path: "/a/1", value: 0 })).toBe("a:\n- 1\n- 0\n- 2\n");
    expect(edited("a: []\n", { op: "add", path: "/a/0", value: { b: 1 } })).toBe("a:\n- b: 1\n");
    expect(edited("a: {}\n", { op: "add", path: "/a/b~1c~0", value: 1 })).toBe("a:\n  b/c~: 1\n");
    expect(edited("a: 1\n", { op: "add", path: "/b", value: [1] })).toBe("a: 1\nb:\n- 1\n");
    expect(edited("a: null # nothing\n", { op: "replace", path: "/a", value: [1] })).toBe("a:\n- 1\n");
  });

  it("replaces and removes", () => {
    expect(
      edited("a:\n- 1\n- 2\nb: 3\n", { op: "remove", path: "/a/0" }, { op: "replace", path: "/b", value: 4 }),
    ).toBe("a:\n- 2\nb: 4\n");
    expect(edited("a: 1\nb: 2\n", { op: "remove", path: "/a" })).toBe("b: 2\n");
  });

  it("finds keys that YAML takes for something else than text", () => {
    expect(
      edited("1: {}\ntrue: {}\n", { op: "add", path: "/1/a", value: 1 }, { op: "add", path: "/true/b", value: 2 }),
    ).toBe("1:\n  a: 1\ntrue:\n  b: 2\n");
  });

  it("repeats what the pod shares between containers, without anchors", () => {
    const shared = [{ name: "A" }];
    const text = printYaml(toYaml({ containers: [{ env: shared }, { env: shared }] }));
    expect(text).toBe("containers:\n- env:\n  - name: A\n- env:\n  - name: A\n");
  });

  it("quotes text that Kubernetes, or YAML 1.2, would read as something else", () => {
    for (const text of [
      "yes",
      "n",
      "0644",
      "0o17",
      "1_000",
      "null",
      "~",
      "",
      "1e3",
      ".5",
      "0x1F",
      "true",
      "a: b",
      "- a",
      "#",
      "2001-12-14",
      " a",
      "é\u0085",
      "@a",
      "`",
      "%",
    ]) {
      const written = printYaml(toYaml({ text }));
      expect(parseDocument(written, YAML_OPTIONS).toJS()).toEqual({ text });
      expect(parseDocument(written).toJS()).toEqual({ text });
    }
  });

  it("is not made where one place stands for several, and not in JSON", () => {
    for (const text of ["a: &a {}\nb: *a\n", "a: &a {}\nb:\n  <<: *a\n", "a:\n  <<: {b: 1}\n", '{"a": 1}\n', ""]) {
      expect(isEditable(parse(text).document)).toBe(false);
    }
    expect(isEditable(parse("a: &unused {}\n").document)).toBe(true);
  });
});

describe("any change in any document", () => {
  const key = fc.oneof(
    fc.constantFrom("name", "a/b", "~", "1", "yes", "__proto__"),
    fc.string({ unit: "grapheme", maxLength: 5 }),
  );
  const leaf = fc.oneof(fc.string({ unit: "grapheme", maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
    node: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("node"), { maxLength: 3 }), tie("tree")),
    tree: fc.dictionary(key, tie("node"), { maxKeys: 4, noNullPrototype: true }),
  }));

  it("reads afterwards as the patch says", () => {
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        // JSON Patch does not tell `__proto__` from an attack.
        fc.pre(!JSON.stringify([before, after]).includes("__proto__"));
        const patch = createPatch(before as Pod, after as Pod);
        const { document } = toYaml(before);
        editYaml(document, patch, "");
        expect(document.toJS()).toEqual(after);
        const reread = parseDocument(String(document), YAML_OPTIONS).toJS() as unknown;
        expect(reread ?? {}).toEqual(applyPatch(before, patch));
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});
