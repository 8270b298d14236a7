/** The page's own code, as a reader would type it in: type-checked, put through the conformance suite, and used. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { encodeRequests, type SecretAsk } from "@pod-secrets/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { root, textOf } from "./documents.ts";

const page = textOf("docs/writing-an-injector.md");
const webhook = join(root, "apps/webhook");
const PATIENCE = 300_000;
let folder = "";

/** The block of the page that starts with the name of its file. */
function block(file: string): string {
  const found = [...page.matchAll(/^```\w+\n([^]*?)^```$/gm)].find(([, text = ""]) =>
    [`// ${file}\n`, `# ${file}\n`].some((line) => text.startsWith(line)),
  );
  if (found?.[1] === undefined) throw new Error(`the page has no ${file}`);
  return found[1];
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Runs a program of the repository in the reader's folder: what it prints, also when it fails. */
async function run(...args: readonly string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  const options = { cwd: folder, env: { ...env, NO_COLOR: "1" }, maxBuffer: 2 ** 24 };
  const ended = promisify(execFile)(process.execPath, args, options);
  const { stdout, stderr } = await ended.catch((error: { readonly stdout: string; readonly stderr: string }) => error);
  return stdout + stderr;
}

const command = (...args: readonly string[]): Promise<string> =>
  run("--conditions=@pod-secrets/source", join(webhook, "src/main.ts"), ...args);

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "pod-secrets-page-")));
  for (const name of ["@pod-secrets/core", "@pod-secrets/injector-testkit", "vitest", "zod"]) {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(realpathSync(join(webhook, "node_modules", name)), join(folder, "node_modules", name));
  }
  const plugin = block("src/index.ts");
  write("package.json", '{ "type": "module" }');
  write("src/index.ts", plugin);
  write("test/conformance.test.ts", block("test/conformance.test.ts"));
  write("config.yaml", block("config.yaml"));
  // Installed, it is JavaScript. The page's code has no type in it.
  write("node_modules/@acme/injector-acme/index.js", plugin);
  write("node_modules/@acme/injector-acme/package.json", '{ "type": "module", "exports": "./index.js" }');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the code of docs/writing-an-injector.md", () => {
  it("type-checks", { timeout: PATIENCE }, async () => {
    const types = join(root, "node_modules/@types");
    const options = { noEmit: true, composite: false, customConditions: ["@pod-secrets/source"], typeRoots: [types] };
    write(
      "tsconfig.json",
      JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions: options, include: ["src", "test"] }),
    );
    expect(await run(join(root, "node_modules/typescript/bin/tsc"))).toBe("");
  });

  it("passes the conformance suite", { timeout: PATIENCE }, async () => {
    write(
      "vitest.config.js",
      'const conditions = ["@pod-secrets/source"];\nexport default { resolve: { conditions }, ssr: { resolve: { conditions } } };\n',
    );
    const output = await run(join(root, "node_modules/vitest/vitest.mjs"), "run");
    expect(output).not.toContain("FAIL");
    expect(Number(/Tests +(\d+) passed/.exec(output)?.[1])).toBeGreaterThan(40);
  });

  it("is used as the page says", { timeout: PATIENCE }, async () => {
    expect(await command("validate", "config.yaml")).toContain("acme");
    const asks: readonly SecretAsk[] = [
      { group: "acme-db", key: "password", mountRequirement: "ENV_VAR", envVar: "DB_PASSWORD" },
      { group: "user-info", key: "password" },
    ];
    const metadata = { name: "task", labels: { "inject-flyte-secrets": "true" }, annotations: encodeRequests(asks) };
    const spec = { containers: [{ name: "main", image: "registry.example.com/task:1.0" }] };
    write("pod.yaml", JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec }));
    const explained = await command("explain", "--config", "config.yaml", "pod.yaml");
    expect(explained).toContain('group "user-info" is no safe of Acme');
    const pod = JSON.parse(await command("inject", "--config", "config.yaml", "-o", "json", "pod.yaml")) as never;
    const valueFrom = { secretKeyRef: { name: "acme-mirror", key: "acme-db.password" } };
    expect(pod).toHaveProperty("spec.containers.0.env", expect.arrayContaining([{ name: "DB_PASSWORD", valueFrom }]));
  });
});
