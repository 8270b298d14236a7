import { describe, expect, it } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { createConfigFolder } from "./config-folder.ts";

describe("a folder as config", () => {
  it("is all its YAML and JSON files, joined by their top-level keys", async () => {
    const folder = createConfigFolder();
    folder.write("managers.yaml", "managers: [{ use: aws }]");
    folder.write("log.yml", "log: { level: warn }");
    folder.write("profile.json", '{ "profile": "flyte-v2" }');
    folder.write("README.md", "- no: config");
    folder.write(".hidden.yaml", "nonsense: 1");
    folder.write("..2026_01_01/managers.yaml", "nonsense: 1");

    expect(await loadConfig(folder.path)).toMatchObject({
      ok: true,
      config: {
        managers: [{ use: "aws" }],
        log: { level: "warn" },
        profile: "flyte-v2",
        baseDirectory: folder.path,
      },
    });
  });

  it("names the file of each finding", async () => {
    const folder = createConfigFolder();
    const [one, two] = [folder.write("a.yaml", "x: 1"), folder.write("b.yaml", "\nlog: 1")];

    expect(await loadConfig(folder.path)).toMatchObject({
      ok: false,
      problems: [
        { file: one, line: 1, code: "E_CONFIG_UNKNOWN_KEY" },
        { file: two, line: 2, code: "E_CONFIG_TYPE" },
      ],
    });
  });

  it("must not have a key in two files", async () => {
    const folder = createConfigFolder();
    const first = folder.write("a.yaml", "log: { level: info }");
    const second = folder.write("b.yaml", "profile: flyte-v1\nlog: { level: debug }");

    expect(await loadConfig(folder.path)).toMatchObject({
      ok: false,
      problems: [
        {
          file: second,
          line: 2,
          column: 1,
          code: "E_CONFIG_DUPLICATE_SECTION",
          message: `section "log" is also in ${JSON.stringify(first)}`,
        },
      ],
    });
  });

  it("may be Flyte's: sections that are none of ours may be in several files", async () => {
    const folder = createConfigFolder();
    folder.write("core.yaml", "webhook: { secretManagerType: AWS }\nlogger: { level: 5 }\n");
    folder.write("logger.yaml", "logger: { level: 4 }\nadmin: {}\n");
    folder.write("empty.yaml", "");

    expect(await loadConfig(folder.path)).toMatchObject({ ok: true, config: { managers: [{ use: "aws" }] } });
  });

  it("may be Flyte's: a file is laid over those before it, key by key, as flyte-binary's chart needs it", async () => {
    const folder = createConfigFolder();
    folder.write(
      "100-inline-config.yaml",
      "webhook: { SecretManagerType: AWS, awsSecretManager: { resources: { limits: { memory: 1Gi } } } }",
    );
    folder.write(
      "000-core.yaml",
      `webhook:
  listenPort: 9444
  secretManagerType: Vault
  awsSecretManager: { sidecarImage: example.com/pull:1, resources: { limits: { cpu: 1 } } }`,
    );
    folder.write("200-empty.yaml", "webhook:\nsecrets:\n");
    folder.write("300-unset.yaml", "webhook: { listenPort: , awsSecretManager:  }\n");

    const limits = { cpu: 1, memory: "1Gi" };
    expect(await loadConfig(folder.path)).toMatchObject({
      ok: true,
      config: {
        server: { port: 9443 },
        managers: [{ use: "aws", options: { image: "example.com/pull:1", resources: { limits } } }],
      },
    });
  });

  it("may be Flyte's: a finding is in the file that has the last word", async () => {
    const folder = createConfigFolder();
    const first = folder.write("a.yaml", "webhook: { listenPort: none, secretManagerType: K8s }");
    const second = folder.write("b.yaml", "webhook:\n  secretManagerType: K9s\n");

    expect(await loadConfig(folder.path)).toMatchObject({
      ok: false,
      problems: [
        { file: first, line: 1, code: "E_CONFIG_TYPE" },
        { file: second, line: 2, code: "E_CONFIG_UNKNOWN_MANAGER" },
      ],
    });
  });

  it("without a YAML file is a finding", async () => {
    const folder = createConfigFolder();

    expect(await loadConfig(folder.path)).toMatchObject({
      ok: false,
      problems: [{ code: "E_CONFIG_FILE", message: expect.stringContaining("no YAML file is there") }],
    });
  });
});

describe("a pattern as config", () => {
  it("is every file that it matches", async () => {
    const folder = createConfigFolder();
    folder.write("a.yaml", "log: { level: warn }");
    folder.write("b.yaml", "profile: flyte-v2");
    folder.write("c.json", "nonsense");

    expect(await loadConfig(`${folder.path}/*.yaml`)).toMatchObject({
      ok: true,
      config: { log: { level: "warn" }, profile: "flyte-v2", baseDirectory: folder.path },
    });
  });

  it("that matches nothing is a finding", async () => {
    expect(await loadConfig(`${createConfigFolder().path}/*.yaml`)).toMatchObject({
      ok: false,
      problems: [{ code: "E_CONFIG_FILE" }],
    });
  });

  it("is not needed for a file that has such a name", async () => {
    const file = createConfigFolder().write("config[1].yaml", "log: { level: warn }");

    expect(await loadConfig(file)).toMatchObject({ ok: true, config: { log: { level: "warn" } } });
  });
});
