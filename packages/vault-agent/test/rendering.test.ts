/** Our templates in the hands of Go: what the Vault agent would write, for names that want to be code. */
import type { Pod } from "@pod-secrets/core";
import * as fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";

import { DB, KV1, KV2, contextOf, injectorOf } from "./admission.ts";
import { checkedTemplate, valueTemplate } from "../src/index.ts";
import { hasGo, renderAll, type Rendered } from "./go-templates.ts";

const GO = hasGo();

interface Names {
  readonly group: string;
  readonly key: string;
}

const KEYS: readonly string[] = [
  ...[
    "password",
    "_",
    "Data",
    "data",
    "__proto__",
    "constructor",
    "true",
    "nil",
    "index",
    "end",
    "range",
    "x".repeat(255),
  ],
  ...[
    "api-key",
    "a.b",
    ".a",
    "1abc",
    "12",
    "a b",
    " ",
    "ünïcödé",
    "日本",
    "🔑",
    "a\u2028b",
    "a\u2029b",
    "\ufeffk",
    "\ufffd",
  ],
  ...['k"q', "k'q", "k`q", "back\\slash", "\\", '\\"', "\\u0041", "%s", "%!T(MISSING)", "$(HOME)", "${HOME}", "$value"],
  ...[
    "}}",
    "{{",
    "-}}",
    "{{- end -}}",
    '"}}{{ .Data }}{{"',
    "/* comment */",
    "bar }}{{ range $k,$v := .Data.data }}{{ $v }}{{ end }}{{ .",
  ],
  ...["<no value>", "<nil>", "missing key", "a|b", "(a)", "a,b", "a/b", "a/b/", "key=value", "[[", "]]"],
];
const GROUPS: readonly string[] = [
  ...[
    "foo",
    "secret/data/app",
    "secret/app",
    "Secret/My App",
    "a/b/c/d/e/f",
    "secret/ünïcödé/日本",
    "secret/a:b",
    "secret/%41%20%3F",
  ],
  ...[
    'secret/a"b',
    "secret/a\\",
    "secret/a`b",
    "secret/}}{{ .Data }}",
    'secret/" -}}{{ . }}{{- with secret "x',
    "secret/a\u2028b",
  ],
  ...[
    "secret/app?version=3",
    "secret/%s%d",
    "secret/$(HOME)",
    "secret/...",
    "secret/app/",
    "secret/~!@^&*()_+=,;<>|[]",
  ],
];

const fragments = fc.oneof(
  fc.constantFrom(...KEYS, '"', "\\", "}}", "{{", "`", "%", "?", "#", ":", "/", "..", " ", "\n"),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({ maxLength: 12 }),
);
const hostile = fc.array(fragments, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(""));
const names: fc.Arbitrary<Names> = fc.record({
  group: fc.oneof({ weight: 3, arbitrary: hostile.map((text) => `secret/${text}`) }, { weight: 1, arbitrary: hostile }),
  key: hostile,
});

/** Names to try: each key and each group of the lists, and generated ones until enough of them were taken. */
function* candidates(): Generator<Names> {
  for (const key of KEYS) yield { group: "secret/data/app", key };
  for (const group of GROUPS) yield { group, key: "password" };
  for (const group of GROUPS) yield { group, key: "api-key" };
  for (let seed = 1; ; seed++) yield* fc.sample(names, { numRuns: 1000, seed });
}

interface Case extends Names {
  readonly template: string;
}

const POD: Pod = { metadata: {}, spec: { containers: [{ name: "main" }] } };

/** The template in the annotation of the pod, or of an engine without one: what vault-k8s makes of the path. */
function templateFor({ group, key }: Names, engine: typeof KV2): string | undefined {
  const request = {
    source: "s",
    group,
    key,
    groupVersion: engine.groupVersion,
    mountRequirement: "FILE",
    envVar: "",
  } as const;
  const injection = injectedBy(engine, request);
  if (injection === undefined) return undefined;
  const annotations = Object.entries(injection.metadata?.annotations ?? {});
  const valueOf = (stem: string): string | undefined => annotations.find(([name]) => name.includes(stem))?.[1];
  // The path stands there as it is: vault-k8s 1.7.6, `agent-inject/agent/config.go`.
  return (
    valueOf("agent-inject-template-") ?? `{{ with secret "${valueOf("agent-inject-secret-")}" }}{{ .Data }}{{ end }}`
  );
}

function injectedBy(
  engine: typeof KV2,
  request: Parameters<ReturnType<typeof injectorOf>["inject"]>[1],
): Pod | undefined {
  try {
    const injection = injectorOf(engine).inject(POD, request, contextOf(POD));
    if (injection instanceof Promise) throw new Error("an injector of Vault waits");
    return injection.outcome === "injected" ? injection.pod : undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: "E_PATH_UNSAFE" });
    return undefined;
  }
}

function casesOf(engine: typeof KV2, count: number): readonly Case[] {
  const cases: Case[] = [];
  for (const { group, key } of candidates()) {
    const template = templateFor({ group, key }, engine);
    if (template !== undefined) cases.push({ group, key, template });
    if (cases.length === count) return cases;
  }
  return cases;
}

const isField = (key: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key);
const VALUE = ' p"a}}s{{s\\w\u2028ö$(rd)\n';
// Whatever is rendered beside the value shows.
const DECOYS = { "": "DECOY", decoy: "DECOY", Password: "DECOY" };

/** The case again with what makes the difference. */
interface Outcome extends Case {
  readonly rendered: Rendered;
}

describe.each([
  { engine: KV1, version: 1, data: ".Data" },
  { engine: KV2, version: 2, data: ".Data.data" },
] as const)("$engine.injector", ({ engine, version, data }) => {
  let cases: readonly Case[] = [];

  beforeEach((context) => {
    if (!GO) context.skip("no Go in PATH, whose text/template renders as the agent does");
  });
  beforeAll(() => {
    cases = casesOf(engine, 10_000);
  }, 60_000);

  const render = (dataOf: (key: string) => Readonly<Record<string, unknown>>, strict: boolean): readonly Outcome[] => {
    const renderings = cases.map(({ key, template }) => ({ template, version, data: dataOf(key), strict }));
    const results = renderAll(renderings);
    return cases.map((entry, index) => ({ ...entry, rendered: results[index] as Rendered }));
  };

  test("the file holds the value and nothing else, whatever the names are", { timeout: 120_000 }, () => {
    const outcomes = render((key) => ({ ...DECOYS, [key]: VALUE }), true);
    expect(outcomes.filter(({ rendered }) => rendered.error !== "" || rendered.output !== VALUE)).toEqual([]);
    expect(outcomes).toHaveLength(10_000);
  });

  test("every template has the one shape of its kind, and names are strings in it", { timeout: 120_000 }, () => {
    for (const { group, key, rendered } of render((name) => ({ [name]: VALUE }), false)) {
      const path = group.replace(/\/$/, "");
      if (isField(key)) {
        expect(rendered).toMatchObject({ shape: `with(secret S)[{(${data}.${key})}]`, texts: [path] });
      } else {
        const check = "if(eq (printf S $value) S)[{(index S 99)}]";
        expect(rendered).toMatchObject({
          shape: `with(secret S)[{($value := index ${data} S)} ${check} {($value)}]`,
          texts: [path, key, "%T", "<nil>", "missing key"],
        });
      }
    }
  });

  test("the agent reads the path that the group names, once", { timeout: 120_000 }, () => {
    for (const { group, rendered } of render((key) => ({ [key]: VALUE }), true)) {
      const [path = "", query = ""] = group.replace(/\/$/, "").split("?");
      expect(rendered).toMatchObject({ path: decodeURIComponent(path), query, reads: 1 });
    }
  });

  test("a missing key stops the agent", { timeout: 120_000 }, () => {
    const written = render(() => DECOYS, true).filter(({ rendered }) => rendered.error === "");
    expect(written).toEqual([]);
  });

  test("a missing key that is no identifier does so for an agent that was not told, too", { timeout: 120_000 }, () => {
    const lenient = render(() => DECOYS, false).filter(({ key }) => !isField(key));
    expect(lenient.length).toBeGreaterThan(1000);
    expect(lenient.filter(({ rendered }) => !rendered.error.includes('<index "missing key" 99>'))).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["an empty value", "", ""],
    ["digits", 12.5, "12.5"],
    ["a long number", 9_007_199_254_740_991, "9007199254740991"],
    ["true", true, "true"],
    ["false", false, "false"],
  ])("%s is rendered as it is", (_, value, text) => {
    for (const key of ["password", "api-key"]) {
      const template = templateFor({ group: "secret/app", key }, engine) ?? "";
      expect(renderAll([{ template, version, data: { [key]: value }, strict: true }])).toMatchObject([
        { output: text, error: "" },
      ]);
    }
  });

  test("a value that is null counts as missing, where the template can tell", () => {
    const template = templateFor({ group: "secret/app", key: "api-key" }, engine) ?? "";
    const [rendered] = renderAll([{ template, version, data: { "api-key": null }, strict: true }]);
    expect(rendered?.error).toContain("missing key");
  });

  test("a value that is null is the text of Flyte's template, and an error of the other", () => {
    const path = version === 1 ? "secret/app" : "secret/data/app";
    const templates = [valueTemplate(path, data, "password").text, checkedTemplate(path, data, "password").text];
    const [flytes, checked] = renderAll(
      templates.map((template) => ({ template, version, data: { password: null }, strict: true })),
    );
    expect(flytes).toMatchObject({ output: "<no value>", error: "" });
    expect(checked?.error).toContain("missing key");
  });

  test("a secret of the other version of the store stops the agent", () => {
    for (const key of ["password", "api-key"]) {
      const template = templateFor({ group: "secret/app", key }, engine) ?? "";
      const other = version === 1 ? 2 : 1;
      const [rendered] = renderAll([{ template, version: other, data: { [key]: VALUE }, strict: true }]);
      expect(rendered?.error).not.toBe("");
    }
  });
});

describe("vault-db", () => {
  beforeEach((context) => {
    if (!GO) context.skip("no Go in PATH, whose text/template renders as the agent does");
  });

  test("a path stays a string in the template that vault-k8s writes around it", { timeout: 120_000 }, () => {
    const cases = casesOf(DB, 10_000);
    const renderings = cases.map(({ template }) => ({ template, version: 1, data: {}, strict: true }) as const);
    for (const [index, rendered] of renderAll(renderings).entries()) {
      const path = cases[index]?.group.replace(/\/$/, "") ?? "";
      expect(rendered).toMatchObject({ error: "", shape: "with(secret S)[{(.Data)}]", texts: [path], reads: 1 });
    }
  });
});
