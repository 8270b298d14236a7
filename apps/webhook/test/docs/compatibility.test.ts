import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

import { codesIn, faultsOf, root, tablesIn, tableUnder, textOf } from "./documents.ts";

const document = textOf("docs/compatibility.md");
const rows = tableUnder(document, "What differs, why, and where it is tested");

interface Named {
  readonly id: string;
}

const mutations = JSON.parse(textOf("packages/core/test/vectors/mutations.json")) as {
  readonly vectors: readonly Named[];
  readonly admission_responses: readonly Named[];
  readonly helper_functions: readonly Named[];
  readonly v2_names: readonly Named[];
};
const annotations = JSON.parse(textOf("packages/core/test/vectors/annotations.json")) as {
  readonly encode: readonly Named[];
  readonly decode: readonly Named[];
  readonly base32: readonly Named[];
  readonly multi_annotation: readonly Named[];
};

const idsOf = (vectors: readonly Named[]): readonly string[] => vectors.map(({ id }) => id);
const notThereYet = tableUnder(document, "Not there yet").flatMap(([, ids = ""]) => codesIn(ids));

/** Titles of all tests of golden vectors, as vitest itself collects them. */
let titles: readonly string[] = [];

beforeAll(async () => {
  const files = globSync("{packages,apps}/*/test/**/{*vectors,answers-of-flyte}.test.ts", { cwd: root });
  const own = files.filter((file) => !file.startsWith("packages/injector-testkit/"));
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [vitest, "list", "--json", "--no-static-parse", ...own],
    { cwd: root, env, maxBuffer: 2 ** 24 },
  );
  titles = (JSON.parse(stdout) as readonly { readonly name: string }[]).map(({ name }) => name);
}, 120_000);

/** Whether a test has the id of a vector in its title. */
function isRun(id: string): boolean {
  const word = new RegExp(`(?:^|[ >])${id.replaceAll(".", String.raw`\.`)}(?:$|[ :])`);
  return titles.some((title) => word.test(title));
}

/** Ids of the vectors of pods that a test lists as followed differently, with what we do. */
function differing(): ReadonlyMap<string, readonly string[]> {
  const found = titles.flatMap((title) => {
    const [, id = "", because = ""] = / > (v[12]-\S+) differs: (.*)$/.exec(title) ?? [];
    return id === "" ? [] : [{ id, because }];
  });
  return new Map([...Map.groupBy(found, ({ id }) => id)].map(([id, all]) => [id, all.map(({ because }) => because)]));
}

describe("docs/compatibility.md", () => {
  it("numbers its rows", () => {
    expect(rows.map(([number]) => number)).toEqual(rows.map((_, index) => String(index + 1)));
  });

  it("says in each row what differs and why, and names a test that is there", () => {
    expect(rows.filter((row) => row.length !== 5 || row.includes(""))).toEqual([]);
    expect(rows.flatMap(([, , , , test = ""]) => faultsOf(test))).toEqual([]);
  });

  it("counts the vectors as they are", () => {
    const counted = {
      pods: "(\\d+) golden pods",
      same: "(\\d+) come out the same",
      other: "(\\d+) are \\[differences",
    };
    const count = (pattern: string): number => Number(new RegExp(pattern).exec(document)?.[1]);
    const absent = mutations.vectors.filter(({ id }) => notThereYet.includes(id)).length;

    expect(count(counted.pods)).toBe(mutations.vectors.length);
    expect(count("(\\d+) annotations")).toBe(annotations.encode.length + annotations.decode.length);
    expect(count("(\\d+) answers")).toBe(mutations.admission_responses.length);
    expect(count(counted.other)).toBe(differing().size);
    expect(/(\d+) are of managers/.exec(document)?.[1] ?? "0").toBe(String(absent));
    expect(count(counted.same)).toBe(mutations.vectors.length - differing().size - absent);
  });
});

describe("golden vectors", () => {
  it("of pods are all run, but those of managers that are not there yet", () => {
    const ids = idsOf(mutations.vectors);

    expect(ids.filter((id) => !isRun(id))).toEqual(ids.filter((id) => notThereYet.includes(id)));
  });

  it("of annotations are all run", () => {
    const { encode, decode, base32, multi_annotation: several } = annotations;

    expect(idsOf([...encode, ...decode, ...base32, ...several]).filter((id) => !isRun(id))).toEqual([]);
  });

  it("of answers, of functions that edit lists, and of names are all run, but those of managers not there yet", () => {
    const { admission_responses: answers, helper_functions: helpers, v2_names: names } = mutations;
    const missing = idsOf([...answers, ...helpers, ...names]).filter((id) => !isRun(id));

    expect(missing.filter((id) => !notThereYet.includes(id))).toEqual([]);
  });

  it("that are not there yet are vectors", () => {
    const known = new Set(idsOf([...mutations.vectors, ...mutations.v2_names]));

    expect(notThereYet.filter((id) => !known.has(id))).toEqual([]);
  });

  it("that differ are listed, with what we do and a row that says why", () => {
    const listed = tableUnder(document, "Golden vectors that differ").map(([id = "", instead = "", row = ""]) => ({
      id: codesIn(id)[0] ?? "",
      instead,
      rows: row.split(", "),
    }));
    const tested = differing();

    expect(listed.map(({ id }) => id).toSorted()).toEqual([...tested.keys()].toSorted());
    for (const { id, instead, rows: numbers } of listed) {
      for (const because of tested.get(id) ?? []) expect(instead).toContain(because);
      expect(numbers.filter((number) => rows[Number(number) - 1] === undefined)).toEqual([]);
    }
  });

  it("of answers that differ name a vector and a row", () => {
    const [, answers = []] = tablesIn(document.split("\n## Golden vectors that differ\n")[1] ?? "");
    const known = idsOf(mutations.admission_responses);

    expect(answers.length).toBeGreaterThan(0);
    expect(
      answers.filter(([id = "", , row]) => !known.includes(codesIn(id)[0] ?? "") || !rows[Number(row) - 1]),
    ).toEqual([]);
  });
});
