/** The managers of a config file: their names, and their options as they check them themselves. */
import { describe, expect, it } from "vitest";

import { BUILT_IN_MANAGERS } from "../../src/compose/every-built-in.ts";
import { findings, loadText } from "./loaded.ts";

describe("options of a manager", () => {
  it("are checked by the manager, with their place", async () => {
    expect(await findings("managers:\n  - use: k8s\n    options:\n      missing: hodl\n      mising: start\n")).toEqual(
      [
        '4:16 E_CONFIG_VALUE option "managers.0.options.missing" must be one of start, hold. Fix: Did you mean hold?',
        '5:7 E_CONFIG_UNKNOWN_KEY unknown option "mising" in "managers.0.options". Fix: Did you mean missing? Known here: missing.',
      ],
    );
  });

  it("of the global secrets stand under `global`", async () => {
    expect(await findings("global: { direktory: /x }")).toEqual([
      '1:11 E_CONFIG_UNKNOWN_KEY unknown option "direktory" in "global". Fix: Did you mean directory? Known here: envPrefix, directory, namespaces.',
    ]);
  });

  it("are reported together with what else is wrong in the file", async () => {
    const found = await findings("managers:\n  - use: k8s\n    options: { missing: 1 }\nlog: { level: loud }\n");

    expect(found).toHaveLength(2);
  });

  it("may not send secrets in the clear, wherever a server is named", async () => {
    const options = "mode: fetch, fetcher: { image: a }";
    const confidant = "url: http://c.example, auth: { key: alias/a, to: b, endpoints: { kms: http://k.example } }";
    const managers = [
      `{ use: aws, options: { ${options}, settings: { endpoints: { sts: http://sts.example } } } }`,
      `{ use: gcp, options: { ${options}, settings: { url: http://gcp.example } } }`,
      `{ use: azure, options: { ${options}, settings: { vault: http://vault.example } } }`,
      `{ use: confidant, options: { ${confidant}, fetcher: { image: a } } }`,
      "{ use: embedded, options: { accept: values-in-pods, store: { type: aws, settings: { endpoints: { sts: http://s.example } } } } }",
    ];
    const found = await findings(`managers:\n${managers.map((manager) => `  - ${manager}\n`).join("")}`);

    const places = found.map((finding) =>
      /^(\S+) E_CONFIG_VALUE option "managers\.(\S+)" is not encrypted: everybody on the way could listen\. Fix: Write https: in place of http:, or, for a test alone, set allowHttp: true beside (\w+)\.$/.exec(
        finding,
      ),
    );
    expect(places.map((place) => place?.slice(1))).toEqual([
      ["2:94", "0.options.settings.endpoints.sts", "endpoints"],
      ["3:81", "1.options.settings.url", "url"],
      ["4:85", "2.options.settings.vault", "vault"],
      ["5:39", "3.options.url", "url"],
      ["5:104", "3.options.auth.endpoints.kms", "endpoints"],
      ["6:107", "4.options.store.settings.endpoints.sts", "endpoints"],
    ]);
  });

  it("may name no API server in the clear, not for a test either", async () => {
    const store = "{ type: k8s, settings: { server: http://api.example } }";
    expect(
      await findings(`managers:\n  - { use: embedded, options: { accept: values-in-pods, store: ${store} } }\n`),
    ).toEqual([
      expect.stringMatching(
        /"managers\.0\.options\.store\.settings\.server" is not encrypted: everybody on the way could listen\. Fix: Write https: in place of http:, or leave it out for the API server of the webhook's own cluster\.$/,
      ),
    ]);
  });

  it("never show up in a message, as they may be secrets", async () => {
    const found = await findings(
      "managers:\n  - use: vault-kv2\n    options: { role: [hunter2], fileCase: hunter2 }\n",
    );

    expect(found).toHaveLength(2);
    expect(found.join()).not.toContain("hunter2");
  });
});

describe("an unknown manager", () => {
  it("lists the known ones and names the nearest", async () => {
    expect(await findings("managers:\n  - use: vualt-kv2\n")).toEqual([
      '2:10 E_CONFIG_UNKNOWN_MANAGER unknown manager "vualt-kv2". Fix: Did you mean vault-kv2? Built in: BUILT_IN. Else the name of a package installed beside the config file, or a path.'.replace(
        "BUILT_IN",
        BUILT_IN_MANAGERS.map(({ name }) => name).join(", "),
      ),
    ]);
  });

  it.each([
    ["vault", "vault-kv1, vault-kv2 or vault-db"],
    ["Vault", "vault-kv1, vault-kv2 or vault-db"],
    ["kv2", "vault-kv2"],
    ["kubernetes", "k8s"],
  ])("of which %s is a part or another name is meant to be %s", async (use, meant) => {
    const [finding] = await findings(`managers: [{ use: ${use} }]`);

    expect(finding).toContain(`Fix: Did you mean ${meant}? Built in: `);
  });

  it("has no nearest when it is like none", async () => {
    expect(await findings("managers: [{ use: hashicorp }]")).toEqual([
      expect.stringMatching(/^1:19 E_CONFIG_UNKNOWN_MANAGER unknown manager "hashicorp"\. Fix: Built in: k8s, /),
    ]);
  });

  it("is also what global secrets are: they have a key of their own", async () => {
    expect(await findings("managers: [{ use: global }]")).toEqual([
      '1:19 E_CONFIG_UNKNOWN_MANAGER "global" is no manager: global secrets are asked before all managers. Fix: Configure them under the key `global`.',
    ]);
  });
});

it("a manager that is there twice is found at the second place", async () => {
  expect(await findings("managers:\n  - use: k8s\n  - use: aws\n  - use: k8s\n")).toEqual([
    '4:10 E_CONFIG_DUPLICATE_MANAGER manager "k8s" is already in line 2. Fix: Remove one of them.',
  ]);
});

it("what could be read of the managers is there also when the file is wrong, so that all is checked in one go", async () => {
  const loaded = await loadText("managers: [{ use: k8s }, { use: 3 }, 7]\nnonsense: 1\n");

  expect(loaded).toMatchObject({ ok: false, managers: { managers: [{ use: "k8s", path: ["managers", 0] }] } });
});
