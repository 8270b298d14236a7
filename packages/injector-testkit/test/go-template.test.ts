import { describe, expect, test } from "vitest";

import { splitTemplate } from "../src/go-template.ts";

describe("a Go template", () => {
  test("falls into text, code and literals", () => {
    expect(splitTemplate('a{{- with secret "x" -}}b{{ index .Data `k` }}{{ end }}')).toEqual({
      text: ["a", "b", "", ""],
      code: ["- with secret  -", " index .Data  ", " end "],
      literals: ["x", "k"],
      broken: false,
    });
  });

  test("keeps escaped quotes and braces inside a literal", () => {
    expect(splitTemplate(String.raw`{{ secret "a\"}}b\\" }}`)).toMatchObject({
      literals: [String.raw`a\"}}b\\`],
      text: ["", ""],
      broken: false,
    });
  });

  test("shows what stands outside of a literal after a quote that was not escaped", () => {
    const { text, code } = splitTemplate('{{ secret "a"}}b{{"c" }}');
    expect(text).toContain("b");
    expect(code).toHaveLength(2);
  });

  test.each(['{{ secret "a }}', "{{ .Data", '{{ "a\n" }}', "{{ `a }}"])("without an end is broken: %j", (template) => {
    expect(splitTemplate(template).broken).toBe(true);
  });

  test("without actions is text", () => {
    expect(splitTemplate("plain")).toEqual({ text: ["plain"], code: [], literals: [], broken: false });
  });
});
