import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { createConfigFolder } from "./config-folder.ts";
import { findings, goodConfig } from "./loaded.ts";

describe("the defaults", () => {
  it("hold without a file: Kubernetes Secrets, after global ones", async () => {
    const loaded = await loadConfig(undefined);

    expect(loaded).toMatchObject({
      ok: true,
      warnings: [],
      config: {
        profile: "flyte-v1",
        onFailure: "deny",
        mountRoot: "/etc/flyte/secrets",
        global: {},
        managers: [{ use: "k8s", options: {} }],
        server: { host: "0.0.0.0", port: 9443, path: "/mutate--v1-pod", certificates: "/etc/webhook/certs" },
        operations: { host: "0.0.0.0", port: 8081 },
        log: { level: "info" },
      },
    });
    expect(loaded).not.toHaveProperty("config.envPrefix");
  });

  it.each([
    ["an empty file", ""],
    ["comments only", "# nothing yet\n"],
    ["an empty document", "---\n...\n"],
    ["an empty mapping", "{}"],
  ])("hold for %s", async (_, text) => {
    const { managers, profile } = await goodConfig(text);

    expect(managers.map(({ use }) => use)).toEqual(["k8s"]);
    expect(profile).toBe("flyte-v1");
  });
});

describe("a good file", () => {
  it("sets what it says, and leaves the defaults for the rest", async () => {
    const config = await goodConfig(`
profile: flyte-v2
onFailure: admit
envPrefix: _MINE_
mountRoot: /var/run/secrets/flyte
global: false
managers:
  - use: aws
    options: { position: first }
  - use: k8s
server: { port: 8443, path: [/a, /b], maxBodyBytes: 1048576, drainSeconds: 0 }
operations: { port: 0 }
log: { level: debug }
`);

    expect(config).toMatchObject({
      profile: "flyte-v2",
      onFailure: "admit",
      envPrefix: "_MINE_",
      mountRoot: "/var/run/secrets/flyte",
      global: false,
      managers: [
        { use: "aws", options: { position: "first" } },
        { use: "k8s", options: {} },
      ],
      server: { host: "0.0.0.0", port: 8443, path: ["/a", "/b"], maxBodyBytes: 1_048_576, drainSeconds: 0 },
      operations: { host: "0.0.0.0", port: 0 },
      log: { level: "debug" },
    });
  });

  it("gives way to --profile", async () => {
    expect((await goodConfig("profile: flyte-v1", { profile: "flyte-v2" })).profile).toBe("flyte-v2");
  });

  it("may be JSON, and may use anchors", async () => {
    const json = await goodConfig('{"managers": [{"use": "aws"}]}');
    const anchored = await goodConfig("operations: &all { host: 127.0.0.1 }\nserver: *all\n");

    expect(json.managers.map(({ use }) => use)).toEqual(["aws"]);
    expect(anchored.server.host).toBe("127.0.0.1");
  });

  it("says where each manager stands", async () => {
    const { managers } = await goodConfig("managers:\n  - use: k8s\n  - options: {}\n    use: aws\n");

    expect(managers.map(({ position }) => [position.line, position.column])).toEqual([
      [2, 10],
      [4, 10],
    ]);
  });

  it("keeps the folder of the file, from which plugins are looked for", async () => {
    const folder = createConfigFolder();
    const loaded = await loadConfig(folder.write("config.yaml", "profile: flyte-v1"));

    expect(loaded).toMatchObject({ config: { baseDirectory: folder.path } });
  });

  it("has another revision when its text differs, and the same when it does not", async () => {
    const one = await goodConfig("profile: flyte-v1");
    const folder = createConfigFolder();
    const read = async (text: string): Promise<unknown> => loadConfig(folder.write("config.yaml", text));
    const [first, second, third] = [await read("log: {}"), await read("log: {} "), await read("log: {}")];

    expect(one.revision).toMatch(/^[0-9a-f]{12}$/);
    expect(first).toEqual({ ...(third as object), config: expect.anything() });
    expect(revisionOf(first)).toBe(revisionOf(third));
    expect(revisionOf(first)).not.toBe(revisionOf(second));
  });
});

function revisionOf(loaded: unknown): unknown {
  return (loaded as { config: { revision: string } }).config.revision;
}

describe("a file that cannot be read", () => {
  it("is one finding that says why", async () => {
    const folder = createConfigFolder();
    const missing = await loadConfig(`${folder.path}/config.yaml`);

    expect(missing).toMatchObject({
      ok: false,
      problems: [{ file: `${folder.path}/config.yaml`, line: 1, column: 1, code: "E_CONFIG_FILE" }],
    });
    expect(missing).toHaveProperty("problems.0.message", expect.stringContaining("it does not exist"));
  });

  it.each([
    ["no UTF-8", new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe]), "it is not UTF-8 text"],
    ["larger than 1 MiB", `# ${"x".repeat(1_048_576)}`, "it is larger than 1 MiB"],
  ])("is refused when it is %s", async (_, text, reason) => {
    const [finding] = await findings(text);

    expect(finding).toContain("E_CONFIG_FILE");
    expect(finding).toContain(reason);
  });

  it("is refused at once when it is a pipe", async () => {
    const pipe = join(createConfigFolder().path, "config.yaml");
    execFileSync("mkfifo", [pipe]);

    expect(await loadConfig(pipe)).toMatchObject({ ok: false, problems: [NO_REGULAR_FILE] });
  });

  it("is refused at once when it never ends", async () => {
    expect(await loadConfig("/dev/zero")).toMatchObject({ ok: false, problems: [NO_REGULAR_FILE] });
  });
});

const NO_REGULAR_FILE = {
  code: "E_CONFIG_FILE",
  message: expect.stringMatching(/^config ".*" cannot be read: it is no regular file$/),
};

describe("a wrong value", () => {
  it.each([
    [
      "profile: flyte-v3",
      '1:10 E_CONFIG_VALUE key "profile" must be one of flyte-v1, flyte-v2. Fix: Did you mean flyte-v1?',
    ],
    ["onFailure: [deny]", '1:12 E_CONFIG_VALUE key "onFailure" must be one of deny, admit. Fix: Write deny or admit.'],
    ["mountRoot: 3", '1:12 E_CONFIG_TYPE key "mountRoot" must be a text, not a number. Fix: Put it in quotes.'],
    [
      "server: { port: high }",
      '1:17 E_CONFIG_TYPE key "server.port" must be a number, not a text. Fix: Write a number.',
    ],
    [
      "server: { port: '9443' }",
      '1:17 E_CONFIG_TYPE key "server.port" must be a number, not a text. Fix: Remove the quotes.',
    ],
    [
      "server: { port: 94430 }",
      '1:17 E_CONFIG_VALUE key "server.port" must be at most 65535. Fix: Write a number from 0 to 65535.',
    ],
    [
      "server: { drainSeconds: 0.5 }",
      '1:25 E_CONFIG_TYPE key "server.drainSeconds" must be a whole number, not a number with a fraction. Fix: Write a whole number.',
    ],
    [
      "server: { path: [] }",
      '1:17 E_CONFIG_VALUE key "server.path" must have at least 1 entry. Fix: Write at least 1 entry.',
    ],
    [
      "server: { path: mutate }",
      '1:17 E_CONFIG_VALUE key "server.path" must start with / and hold letters, digits and . _ ~ - / only. Fix: Write for instance `/mutate--v1-pod`.',
    ],
    [
      "envPrefix: 1A",
      '1:12 E_CONFIG_VALUE key "envPrefix" must hold letters, digits and _ only, and not start with a digit. Fix: Write for instance `_FSEC_`.',
    ],
    [
      "server: { host: '' }",
      '1:17 E_CONFIG_VALUE key "server.host" must have at least 1 character. Fix: Write 1 to 253 characters.',
    ],
    [
      "global: { namespaces: [A_B] }",
      '1:24 E_CONFIG_VALUE option "global.namespaces.0" is no namespace name. Fix: Write what belongs here: Namespaces whose pods get global secrets.',
    ],
    [
      "server: { path: 7 }",
      '1:17 E_CONFIG_TYPE key "server.path" must be a text or a list, not a number. Fix: Write it in one of these forms.',
    ],
    ["server:", '1:8 E_CONFIG_TYPE key "server" must be a mapping, not empty. Fix: Write a value, or remove the key.'],
    [
      "global: yes",
      '1:9 E_CONFIG_TYPE key "global" must be false or a mapping, not a text. Fix: Write it in one of these forms.',
    ],
    ["managers: k8s", '1:11 E_CONFIG_TYPE key "managers" must be a list, not a text. Fix: Write a list.'],
    ["managers: [k8s]", '1:12 E_CONFIG_TYPE key "managers.0" must be a mapping, not a text. Fix: Write `use: k8s`.'],
    [
      "managers: [{ options: {} }]",
      '1:12 E_CONFIG_MISSING key "managers.0.use" is missing. Fix: Add it; it is a text.',
    ],
    [
      "- use: k8s",
      "1:1 E_CONFIG_TYPE the file must be a mapping of keys to values. Fix: Start it with a key, such as `managers:`.",
    ],
    [
      "just text",
      "1:1 E_CONFIG_TYPE the file must be a mapping of keys to values. Fix: Start it with a key, such as `managers:`.",
    ],
  ])("%s", async (text, finding) => {
    expect(await findings(text)).toEqual([finding]);
  });

  it.each(["", "1abc", "A B", "A-B", "Ä", "A".repeat(65), "$(X)"])("env prefix %j is refused", async (prefix) => {
    expect(await findings(`envPrefix: ${JSON.stringify(prefix)}`)).toHaveLength(1);
  });

  it.each(["/", "relative", "/a/../b", "/a/./b", "/a/", "//a", "/a b", "/a\n"])(
    "mount root %j is refused",
    async (root) => {
      expect(await findings(`mountRoot: ${JSON.stringify(root)}`)).toHaveLength(1);
    },
  );
});

describe("keys of the server that do not go together", () => {
  it.each([
    [
      "server: { clientNames: [kube-apiserver] }",
      '1:24 E_CONFIG_VALUE key "server.clientNames" needs `server.clientCa`: without it no client shows a certificate, and all are refused. Fix: Add `server.clientCa`, or remove `server.clientNames`.',
    ],
    [
      "server: { maxBytesInFlight: 7340031 }",
      '1:29 E_CONFIG_VALUE key "server.maxBytesInFlight" must be at least `server.maxBodyBytes`, which is 7340032. Fix: Write 7340032 or more, or lower `server.maxBodyBytes`.',
    ],
    [
      "server:\n  maxBytesInFlight: 4096\n  maxBodyBytes: 8192\n",
      '2:21 E_CONFIG_VALUE key "server.maxBytesInFlight" must be at least `server.maxBodyBytes`, which is 8192. Fix: Write 8192 or more, or lower `server.maxBodyBytes`.',
    ],
  ])("%j is found where it stands", async (text, finding) => {
    expect(await findings(text)).toEqual([finding]);
  });

  it("are found together, and beside what else is wrong", async () => {
    const found = await findings("server: { clientNames: [a], maxBytesInFlight: 4096 }\nlog: { level: loud }\n");

    expect(found.map((finding) => finding.slice(0, finding.indexOf(" ")))).toEqual(["1:24", "1:47", "2:15"]);
  });

  it.each([
    "server: { clientNames: [kube-apiserver], clientCa: ca.pem }",
    "server: { clientNames: [] }",
    "server: { maxBytesInFlight: 8192, maxBodyBytes: 8192 }",
    "server: { maxBodyBytes: 67108864 }",
  ])("but these do: %s", async (text) => {
    expect(await findings(text)).toEqual([]);
  });
});

describe("an unknown key", () => {
  it("is an error at the key, with the nearest name and all that are known", async () => {
    expect(await findings("server:\n  host: 127.0.0.1\n  prot: 1\n")).toEqual([
      expect.stringMatching(
        /^3:3 E_CONFIG_UNKNOWN_KEY unknown key "prot" in "server"\. Fix: Did you mean port\? Known here: host, port, path, /,
      ),
    ]);
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("may be called %s without harm", async (key) => {
    const found = await findings(`${key}: { polluted: true }\n`);

    expect(found.every((finding) => finding.includes("E_CONFIG_UNKNOWN_KEY"))).toBe(true);
    expect({}).not.toHaveProperty("polluted");
  });

  it.each([
    ['managers: [{ use: k8s, options: { "__proto__": { missing: hold } } }]', "managers.0.options"],
    [
      'managers: [{ use: aws, options: { resources: { limits: { "__proto__": 1 } } } }]',
      "managers.0.options.resources.limits",
    ],
    ['global: { "__proto__": 1 }', "global"],
  ])("named __proto__ is an error in options too: %s", async (text, where) => {
    expect(await findings(`${text}\n`)).toEqual([
      expect.stringContaining(`E_CONFIG_UNKNOWN_KEY unknown option "__proto__" in "${where}". Fix: Remove it.`),
    ]);
  });

  it("cannot forge a line of the report", async () => {
    const [finding, ...rest] = await findings('"a\\nb\\u202e\\u001b[31m": 1\n');

    expect(rest).toEqual([]);
    expect(finding).toMatch(/^[\u0020-\u007e]*$/);
  });
});

describe("a file that is no config", () => {
  it("is one finding when it is the manifest of the ConfigMap that carries the config", async () => {
    const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\ndata: { config.yaml: '{}' }\n";

    expect(await findings(manifest)).toEqual([
      '2:7 E_CONFIG_TYPE this is a Kubernetes object of kind "ConfigMap", not a config. Fix: Give the file that its `data` holds.',
    ]);
  });

  it.each([
    ["configuration: { inline: { webhook: {} } }", "configuration"],
    ["webhook: { enabled: true }\nconfigmap: { core: {} }", "configmap"],
  ])("is one finding when it is the values of a chart of Flyte: %s", async (text, key) => {
    expect(await findings(text)).toEqual([
      `${text.split("\n").length}:1 E_CONFIG_TYPE these are values of a Helm chart of Flyte: they have ${JSON.stringify(key)}. Fix: Give the config that the chart makes of them, from its ConfigMap.`,
    ]);
  });

  it("is one finding when Flyte keeps its other sections there", async () => {
    expect(await findings("propeller: { workers: 4 }\nlogger: {}\n")).toEqual([
      '1:1 E_CONFIG_MISSING "propeller" is a section of Flyte, and neither `webhook` nor `secrets` is there. Fix: Give the file of Flyte that has them, or add `webhook: {}` for what Flyte takes without it.',
    ]);
    expect(await findings("Webhook: { certDir: /certs }\n")).toEqual([
      '1:1 E_CONFIG_UNKNOWN_KEY "Webhook" is a section of Flyte in another letter case. Fix: Write `webhook`.',
    ]);
    expect(await findings("secrets: { env-prefix: X_ }\nWebhook: { secretManagerType: Vault }\n")).toEqual([
      '2:1 E_CONFIG_UNKNOWN_KEY "Webhook" is a section of Flyte in another letter case. Fix: Write `webhook`.',
    ]);
  });

  it("may also be a config of our own with such a key too many", async () => {
    expect(await findings("managers: []\npropeller: {}\n")).toEqual([
      expect.stringMatching(/^2:1 E_CONFIG_UNKNOWN_KEY unknown key "propeller"\. Fix: Known here: /),
    ]);
  });

  it("is refused at once when it has thousands of aliases", async () => {
    const text = `managers: &a []\nx: [${"*a,".repeat(100_000)}]\n`;
    const start = process.threadCpuUsage();

    expect(await findings(text)).toEqual([expect.stringContaining("it has more than 1000 aliases")]);
    expect(process.threadCpuUsage(start).user / 1000).toBeLessThan(5000);
  });
});
