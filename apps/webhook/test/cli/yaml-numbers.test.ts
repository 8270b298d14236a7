/** Numbers in YAML, as `kubectl apply` reads them: expectations from sigs.k8s.io/yaml v1.6.0. */
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";

import { YAML_OPTIONS, editYaml, printYaml, toYaml } from "../../src/cli/input/kubernetes-yaml.ts";

const LAYOUT = { indent: 2, indentSeq: false, flowCollectionPadding: false };

function valueOf(scalar: string): unknown {
  return (parseDocument(`a: ${scalar}\n`, YAML_OPTIONS).toJS() as { a: unknown }).a;
}

describe("a number in YAML", () => {
  it.each([
    ["0644", 420],
    ["0o644", 420],
    ["-0O17", -15],
    ["0X1F", 31],
    ["0B11", 3],
    ["08", 8],
    ["1_000", 1000],
    ["+12", 12],
    [".5", 0.5],
    ["+.5e3", 500],
    ["1.", 1],
    ["1e3_0", 1e30],
    ["100000000000000000000", 1e20],
  ])("is %s, as Kubernetes reads it", (scalar, value) => {
    expect(valueOf(scalar)).toBe(value);
  });

  it.each([".", "e1", "E5", "-e1", ".e1", "._5", ".5_0", "_1", "0x", "0x_", "0b2", "0o8", "1e", "1e400", "1.2.3"])(
    "is not %s, which stays text",
    (text) => {
      const written = printYaml(toYaml({ text }));
      expect(valueOf(text)).toBe(text);
      expect(parseDocument(written, YAML_OPTIONS).toJS()).toEqual({ text });
      expect(parseDocument(written).toJS()).toEqual({ text });
    },
  );

  it("stays as the user wrote it, also beyond what JavaScript can count", () => {
    const text = [
      ...["9007199254740993", "0x1F", "0o17", "1_000", "+1", "-0", "1e3", "0.1e-7", "1.50", ".5", "08"],
      ...["18446744073709551615", "123456789012345678901234567890", ".inf"],
    ]
      .map((scalar, index) => `k${index}: ${scalar}\n`)
      .join("");
    const document = parseDocument(text, YAML_OPTIONS);
    editYaml(document, [{ op: "add", path: "/added", value: 1e21 }], "");

    expect(printYaml({ document, layout: LAYOUT })).toBe(`${text}added: 1e+21\n`);
  });
});
