/**
 * The page's code is that of the example, which test/third-party/provider.test.ts type-checks, packs, installs and runs.
 */
import { expect, test } from "vitest";

import { textOf } from "./documents.ts";

const blocks = [...textOf("docs/writing-a-provider.md").matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
  .filter(([, language]) => language !== "sh")
  .map(([, , text = ""]) => {
    const [, file = "", code = ""] = /^(?:\/\/|#) (.*)\n([^]*)$/.exec(text) ?? [];
    return { file, code };
  });

test("shows provider, program, image, injector and configuration", () => {
  const shown = ["src/safe.ts", "src/main.ts", "Dockerfile", "src/index.ts", "example/pod-secrets.yaml"];
  expect(blocks.map(({ file }) => file)).toEqual(shown);
});

test.each(blocks)("shows $file as it is in the example", ({ file, code }) => {
  expect(code).toBe(textOf(`examples/third-party-provider/${file}`));
});

test("shows a provider of hardly more than 40 lines", () => {
  expect(textOf("examples/third-party-provider/src/safe.ts").trimEnd().split("\n").length).toBeLessThan(45);
});
