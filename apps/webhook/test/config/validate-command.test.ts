import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { BUILT_IN_INJECTORS } from "../../src/compose/every-built-in.ts";
import { runCommand } from "./command.ts";
import { createConfigFolder } from "./config-folder.ts";

const TEN_MISTAKES = join(import.meta.dirname, "fixtures", "ten-mistakes.yaml");

describe("validate", () => {
  it("says of a file that is not there no line, and no flag that was not given", async () => {
    const { code, stdout } = await runCommand("validate", "nope.yaml");

    expect([code, stdout]).toEqual([
      2,
      'nope.yaml: E_CONFIG_FILE: config "nope.yaml" cannot be read: it does not exist. Fix: Check the path and its permissions.\n',
    ]);
  });

  it("prints ten findings for ten mistakes, each with line, column, code and fix, and ends with 2", async () => {
    const { code, stdout, stderr } = await runCommand("validate", TEN_MISTAKES);
    const folder = join(import.meta.dirname, "fixtures");

    expect(code).toBe(2);
    expect(stderr).toBe("");
    expect(stdout.replaceAll(TEN_MISTAKES, "config.yaml").replaceAll(folder, "FOLDER").trimEnd().split("\n")).toEqual([
      'config.yaml:1:10: E_CONFIG_VALUE: key "profile" must be one of flyte-v1, flyte-v2. Fix: Did you mean flyte-v1?',
      'config.yaml:3:1: E_CONFIG_SYNTAX: key "onFailure" is there twice. Fix: Keep one of them.',
      'config.yaml:4:12: E_CONFIG_VALUE: key "mountRoot" must be an absolute directory without `.`, `..` or a slash at the end. Fix: Write for instance `/etc/flyte/secrets`.',
      'config.yaml:6:9: E_CONFIG_TYPE: key "server.port" must be a number, not a text. Fix: Remove the quotes.',
      expect.stringMatching(
        /^config\.yaml:7:3: E_CONFIG_UNKNOWN_KEY: unknown key "drianSeconds" in "server"\. Fix: Did you mean drainSeconds\? Known here: host, /,
      ),
      expect.stringMatching(
        /^config\.yaml:9:10: E_CONFIG_UNKNOWN_MANAGER: unknown manager "vualt-kv2"\. Fix: Did you mean vault-kv2\? Built in: k8s, aws, /,
      ),
      'config.yaml:12:16: E_CONFIG_VALUE: option "managers.1.options.missing" must be one of start, hold. Fix: Did you mean hold?',
      'config.yaml:13:10: E_CONFIG_DUPLICATE_MANAGER: manager "k8s" is already in line 10. Fix: Remove one of them.',
      'config.yaml:14:5: E_CONFIG_MISSING: key "managers.3.use" is missing. Fix: Add it; it is a text.',
      'config.yaml:15:10: E_CONFIG_PLUGIN_LOAD: package "@acme/injector" is not installed, or exports nothing for import, seen from "FOLDER". Fix: Run `npm install @acme/injector` there, or correct the name.',
    ]);
  });

  it("says of a good file what will be asked, and ends with 0", async () => {
    const file = createConfigFolder().write("config.yaml", "managers: [{ use: vault-kv2 }, { use: k8s }]");

    expect(await runCommand("validate", file)).toEqual({
      code: 0,
      stdout: `${file}: ok: profile flyte-v1, asks global, then vault-kv2, then k8s\n`,
      stderr: "",
    });
  });

  it("says so when nothing will be asked", async () => {
    const file = createConfigFolder().write("config.yaml", "global: false\nmanagers: []\n");

    expect((await runCommand("validate", file)).stdout).toBe(`${file}: ok: profile flyte-v1, no manager\n`);
  });

  it("checks each of several files, and ends with 2 when one is wrong", async () => {
    const folder = createConfigFolder();
    const [good, bad] = [folder.write("good.yaml", ""), folder.write("bad.yaml", "x: 1")];
    const { code, stdout } = await runCommand("validate", bad, good);

    expect(code).toBe(2);
    expect(stdout).toMatch(/bad\.yaml:1:1: E_CONFIG_UNKNOWN_KEY: .*\n.*good\.yaml: ok: .*\n$/);
  });

  it("shows warnings of a good file, and ends with 0", async () => {
    const file = createConfigFolder().write("flyte.yaml", "webhook: { metrics-prefix: x }");
    const { code, stdout } = await runCommand("validate", file);

    expect(code).toBe(0);
    expect(stdout).toMatch(/flyte\.yaml:1:12: W_CONFIG_UNUSED: .*\n.*flyte\.yaml: ok: /);
  });

  it("prints one JSON object per file and line with -o json", async () => {
    const folder = createConfigFolder();
    const [good, bad] = [folder.write("good.yaml", ""), folder.write("bad.yaml", "x: 1")];
    const { stdout } = await runCommand("validate", "-o", "json", good, bad);

    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { file: good, ok: true, profile: "flyte-v1", managers: ["global", "k8s"], problems: [], warnings: [] },
      {
        file: bad,
        ok: false,
        problems: [
          {
            file: bad,
            line: 1,
            column: 1,
            path: "x",
            code: "E_CONFIG_UNKNOWN_KEY",
            message: 'unknown key "x"',
            fix: expect.stringContaining("Known here: "),
          },
        ],
        warnings: [],
      },
    ]);
  });

  it("starts no manager: a file that only exists in the cluster does not have to be here", async () => {
    const folder = createConfigFolder();
    folder.write("injector.mjs", `export default { ${PLUGIN}, create() { throw new Error("not here"); } };`);
    const file = folder.write("config.yaml", "managers: [{ use: ./injector.mjs }]");

    expect(await runCommand("validate", file)).toMatchObject({ code: 0 });
    expect(await runCommand("inject", "-c", file, file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("E_CONFIG_PLUGIN_START"),
    });
  });
});

const PLUGIN = `apiVersion: 1, name: "acme",
  meta: { summary: "s", group: "g", key: "k", mounts: ["FILE"], stability: "beta" },
  options: { "~standard": { version: 1, vendor: "acme", validate: (value) => ({ value }) } }`;

describe("injectors", () => {
  it("shows every built-in manager with what group and key mean to it, what it gives, and its options", async () => {
    const { code, stdout } = await runCommand("injectors");
    const names = stdout.split("\n").filter((line) => /^\S/.test(line));

    expect(code).toBe(0);
    expect(names).toEqual(BUILT_IN_INJECTORS.map(({ name, meta }) => `${name}  ${meta.stability}, built in`));
    expect(stdout).toContain("  group    name of the Secret\n");
    expect(stdout).toContain("  options  missing: start or hold; start unless set\n");
    expect(stdout).toContain(
      "           store: mapping of type, settings; required\n           scope: mapping of organization, namespace\n",
    );
    expect(stdout).toMatch(/^ {11}annotations: mapping$/m);
  });

  it("shows those of a config first, in its order, with packages among them", async () => {
    const folder = createConfigFolder();
    folder.write("injector.mjs", `export default { ${PLUGIN}, create() {} };`);
    const file = folder.write("config.yaml", "managers: [{ use: ./injector.mjs }, { use: aws }]");
    const { stdout } = await runCommand("injectors", "--config", file);

    expect(
      stdout
        .split("\n")
        .filter((line) => /^\S/.test(line))
        .slice(0, 4),
    ).toEqual([
      "global  stable, built in, asked as no. 1",
      "acme  beta, package, asked as no. 2",
      "aws  stable, built in, asked as no. 3",
      "k8s  stable, built in",
    ]);
  });

  it("prints one JSON object per manager and line with -o json, with the JSON Schema of its options", async () => {
    const { stdout } = await runCommand("injectors", "-o", "json");
    const managers = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);

    expect(managers.map(({ name }) => name)).toEqual(BUILT_IN_INJECTORS.map(({ name }) => name));
    expect(managers.find(({ name }) => name === "k8s")).toMatchObject({
      builtIn: true,
      turn: null,
      mounts: ["FILE", "ENV_VAR"],
      options: { properties: { missing: { enum: ["start", "hold"], default: "start" } } },
    });
  });

  it("ends with 2 for a wrong config, with its findings on standard error", async () => {
    const file = createConfigFolder().write("config.yaml", "x: 1");

    expect(await runCommand("injectors", "--config", file)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("E_CONFIG_UNKNOWN_KEY"),
    });
  });
});
