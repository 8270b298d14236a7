import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { checkFile } from "../../src/compose/from-file.ts";
import { formatProblem } from "../../src/config/problems.ts";
import { CONFIG_ERRORS } from "../../src/errors.ts";
import { createConfigFolder, type ConfigFolder } from "./config-folder.ts";

const RUNS = { numRuns: 500 };
/** Milliseconds, on a busy machine. */
const TIMEOUT = 60_000;

/** Words that a config is made of, so that random ones get past the first check. */
const WORDS = [
  ..."profile onFailure envPrefix mountRoot global managers use options server port path operations log level".split(
    " ",
  ),
  ..."webhook secrets secretManagerType secretManagerTypes vaultSecretManager kvVersion annotations certDir".split(" "),
  ..."awsSecretManager resources limits cpu role k8s aws vault-kv2 K8s Vault flyte-v2 __proto__ constructor ./x".split(
    " ",
  ),
];

const word = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string() });
const leaf = fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.array(fc.tuple(word, tie("tree")), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}));
const config = fc
  .array(fc.tuple(word, tree), { minLength: 1, maxLength: 8 })
  .map((entries) => Object.fromEntries(entries) as unknown);

async function expectFindings(folder: ConfigFolder, content: string | Uint8Array): Promise<void> {
  const file = folder.write("config.yaml", content);
  const checked = await checkFile(file);
  const found = checked.ok ? checked.warnings : [...checked.problems, ...checked.warnings];

  if (!checked.ok) expect(checked.problems.length).toBeGreaterThan(0);
  for (const problem of found) {
    expect(Object.hasOwn(CONFIG_ERRORS, problem.code)).toBe(true);
    expect(problem.line).toBeGreaterThan(0);
    expect(problem.column).toBeGreaterThan(0);
    expect(problem.fix).toMatch(/[.?]$/);
    // One printable line, however the file was written.
    expect(formatProblem(problem)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u);
  }
}

describe(
  "whatever is in a file, it is a config or has findings with a code, a place and a fix",
  { timeout: TIMEOUT },
  () => {
    it("random bytes", async () => {
      const folder = createConfigFolder();
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => expectFindings(folder, bytes)),
        RUNS,
      );
    });

    it("random text that looks like YAML", async () => {
      const folder = createConfigFolder();
      const piece = fc.oneof(
        word,
        fc.constantFrom(": ", "\n", "\n  ", "- ", "[", "]", "{", "}", "&a", "*a", "|", "'", '"', "!x", "#", "?"),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 40 }), (pieces) => expectFindings(folder, pieces.join(""))),
        RUNS,
      );
    });

    it("random mappings of the words that configs are made of", async () => {
      const folder = createConfigFolder();
      await fc.assert(
        fc.asyncProperty(config, (value) => expectFindings(folder, stringify(value))),
        RUNS,
      );
    });
  },
);
