import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readDocuments, type DocumentRead } from "../../src/cli/input/documents-in.ts";
import { folderOf } from "./running.ts";

const sink = new Writable({ write: (_chunk, _encoding, done) => done() });

async function read(
  files: readonly string[],
  chunks: Iterable<string | Uint8Array> = [],
): Promise<readonly DocumentRead[]> {
  const documents: DocumentRead[] = [];
  const streams = { stdin: Readable.from(chunks, { objectMode: true }), stdout: sink, stderr: sink };
  for await (const document of readDocuments(files, streams)) documents.push(document);
  return documents;
}

const TOO_DEEP = "nested deeper than 200 levels";

/** Values of what standard input holds, and the text of errors. */
async function readText(...chunks: readonly (string | Uint8Array)[]): Promise<readonly unknown[]> {
  return (await read(["-"], chunks)).map((document) => (document instanceof Error ? document.message : document.value));
}

describe("YAML", () => {
  it("means what it means to Kubernetes", async () => {
    const text = [
      "octal: 0644",
      "boolean: yes",
      "letter: n",
      "quoted: 'yes'",
      "date: 2001-12-14",
      "time: 12:30:45",
      "hex: 0x1F",
      "underscores: 1_000",
      "exponent: 1e3",
      "empty:",
      "tilde: ~",
      "binary: !!binary aGVsbG8=",
    ].join("\n");
    expect(await readText(text)).toEqual([
      {
        octal: 420,
        boolean: true,
        letter: false,
        quoted: "yes",
        date: "2001-12-14",
        time: "12:30:45",
        hex: 31,
        underscores: 1000,
        exponent: 1000,
        empty: null,
        tilde: null,
        binary: "aGVsbG8=",
      },
    ]);
  });

  it("has several documents, with comments, directives, ends and empty ones between them", async () => {
    const text = "# one\na: 1\n---\n---\n# nothing\n--- # two\na: 2\n...\n%YAML 1.1\n---\na: 3\n--- {a: 4}\n";
    expect(await readText(text)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
  });

  it("may start with blank lines, and takes no longer for it", async () => {
    expect(await readText(`${"\n".repeat(60)}a: 1\n---\na: 2\n`)).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it("may have lines in a text that look like an end of a document, as long as they are indented", async () => {
    expect(await readText("a: |\n  x\n  ---\n  y\n")).toEqual([{ a: "x\n---\ny\n" }]);
  });

  it("may share parts by anchors and merge keys", async () => {
    const text = "base: &base\n  x: 1\nfirst: *base\nsecond:\n  <<: *base\n  z: 2\n";
    expect(await readText(text)).toEqual([{ base: { x: 1 }, first: { x: 1 }, second: { x: 1, z: 2 } }]);
  });

  it("keeps keys that are prototype names as keys", async () => {
    const [value] = await readText("__proto__: {a: 1}\nconstructor: {b: 2}\n");
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("may end its lines as Windows does, and start with a byte order mark", async () => {
    expect(await readText(new Uint8Array([0xef, 0xbb, 0xbf]), "a: 1\r\n---\r\na: 2\r\n")).toEqual([{ a: 1 }, { a: 2 }]);
  });
});

describe("JSON", () => {
  it("comes one object per line, over many lines, or one after the other", async () => {
    const text = '{"a": 1}\n{"a": "}{\\"\\\\"}\n\n{\n  "a": [\n    {}\n  ]\n}{"a": 4}\n';
    expect(await readText(text)).toEqual([{ a: 1 }, { a: '}{"\\' }, { a: [{}] }, { a: 4 }]);
  });

  it("is recognised by its first character, or by the name of the file where that says YAML", async () => {
    const folder = folderOf({ "a.json": '\n {"a": 1}\n{"a": 2}', "b.yaml": '{"a": 3}\n---\na: 4\n', c: "a: 5" });
    const documents = await read([join(folder, "a.json"), join(folder, "b.yaml"), join(folder, "c")]);
    expect(documents).toMatchObject([1, 2, 3, 4, 5].map((a) => ({ value: { a } })));
  });

  it("may be YAML on one line instead", async () => {
    expect(await readText("{a: yes}\n{b: 0644}\n")).toEqual([{ a: true }, { b: 420 }]);
  });
});

describe("what cannot be read", () => {
  it("is named with its line and column, and does not hide what follows", async () => {
    const [first, second, third] = await readText('a: 1\n---\na: "x\nb\n---\na: 3\n');
    expect([first, third]).toEqual([{ a: 1 }, { a: 3 }]);
    expect(second).toMatch(/^standard input:[3-5]:\d+: /);
  });

  it("is named so in JSON too", async () => {
    const results = await readText('{"a": 1}\n{"a": }}\n{"a": 3}\n{"a": "x');
    expect(results.slice(0, 1)).toEqual([{ a: 1 }]);
    expect(results).toContainEqual({ a: 3 });
    expect(results.at(-1)).toMatch(/^standard input:4:\d+: /);
  });

  it.each([
    { what: "a text", text: "text", message: "it is no Kubernetes object" },
    { what: "a list", text: "[1, 2]", message: "it is no Kubernetes object" },
    { what: "a key given twice", text: "a: 1\na: 2", message: "Map keys must be unique" },
    { what: "an alias of nothing", text: "a: *b", message: "an alias has no anchor" },
    { what: "a merge of what is no mapping", text: "a: {<<: x}", message: "what is merged is no mapping" },
    { what: "deep YAML", text: `a: ${"[".repeat(300)}${"]".repeat(300)}`, message: TOO_DEEP },
    { what: "deep JSON", text: `{"a": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`, message: TOO_DEEP },
    { what: "YAML deeper than its parser goes, in lists", text: `a: ${"[".repeat(20_000)}`, message: TOO_DEEP },
    { what: "YAML deep in items of one line", text: `a:\n${"- ".repeat(20_000)}b`, message: TOO_DEEP },
    { what: "YAML deeper than its parser goes", text: `a: ${"{a: ".repeat(20_000)}`, message: TOO_DEEP },
  ])("is $what", async ({ text, message }) => {
    expect(await readText(text)).toEqual([expect.stringContaining(message)]);
  });

  it("is a bomb of aliases", async () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(", ")}]`;
    const text = ["a: &a [x]", level("b", "a"), level("c", "b"), level("d", "c"), level("e", "d")].join("\n");
    expect(await readText(text)).toEqual([expect.stringContaining("too many of them")]);
  });

  it("is text in another encoding", async () => {
    expect(await readText(Buffer.from("a: caf\u00e9", "latin1"))).toEqual(["standard input: it is not text in UTF-8"]);
  });

  it("is a file that is not there, or a directory, and the next file is read all the same", async () => {
    const folder = folderOf({ "pod.yaml": "a: 1" });
    const [missing, directory, pod] = await read([join(folder, "none.yaml"), folder, join(folder, "pod.yaml")]);
    expect(missing).toMatchObject({ code: "E_INPUT", message: expect.stringContaining("there is no such file") });
    expect(directory).toMatchObject({ code: "E_INPUT", message: expect.stringContaining("it is a directory") });
    expect(pod).toMatchObject({ value: { a: 1 } });
  });

  it("never throws and never prints what could forge a line", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.stringMatching(/^[-a-z:{}[\]"'\n #&*!|>%,\\]{0,200}$/),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        for (const document of await read(["-"], [Buffer.from(input)])) {
          if (document instanceof Error) expect(document.message).toMatch(/^standard input\P{Cc}*$/u);
          else expect(typeof document.value).toBe("object");
        }
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});

describe("the pieces in which input arrives", () => {
  const inputs = [
    "# é\na: 1\r\n---\nb: [é, '---']\n---\n- c\n---\nd: |\n  ---\n  x\n",
    '{"a": "é\\"}"}\n{"b": [{}]} {"c":\n2}\n nonsense\n{"d": 4}',
    '\u{feff}\n  [1]\n{"a": 1}',
  ];

  it.each(inputs)("do not matter: %j", async (input) => {
    const bytes = Buffer.from(input);
    const whole = await readText(bytes);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), async (cuts) => {
        const ends = [...cuts.toSorted((left, right) => left - right), bytes.length];
        const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        expect(await readText(...pieces)).toEqual(whole);
      }),
    );
  });

  it("are read one document at a time: the first is there before the last has arrived", async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<string> {
      for (; sent < 1000; sent++) yield `a: ${sent}\n---\n`;
    }
    const streams = { stdin: Readable.from(endless(), { highWaterMark: 1 }), stdout: sink, stderr: sink };
    for await (const document of readDocuments(["-"], streams)) {
      expect(document).toMatchObject({ value: { a: 0 } });
      break;
    }
    expect(sent).toBeLessThan(20);
  });
});
