/** `pod-secrets serve` as a process: it starts, says what is wrong, takes up changes, and ends well. */
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

import type { Pod } from "@pod-secrets/core";

import { makeSelfSigned, type SelfSigned } from "../../src/certificates/self-signed.ts";
import { builtCommand, runBuilt, start, type ProcessOptions } from "../cli/built-command.ts";
import { pluginSource } from "../compose/plugin-folder.ts";
import { folderOf, linesOf } from "../cli/running.ts";
import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { PORTS, postReview, startServing, type ServingProcess } from "./serving-process.ts";

const command = builtCommand();
const QUICK = "server: { drainSeconds: 0 }\n";
/** Starts `serve` and waits until it says that it serves. */
function serve(args: readonly string[], options: ProcessOptions = {}): Promise<ServingProcess> {
  return startServing(command().program, args, options);
}

function writePair(directory: string, { certificate: { certificate, key } }: SelfSigned): void {
  writeFileSync(join(directory, "tls.key"), key);
  writeFileSync(join(directory, "tls.crt"), certificate);
}

describe("start", () => {
  test("with a certificate of its own, it answers admissions and is ready", async () => {
    const folder = folderOf({});
    const caFile = join(folder, "ca.crt");
    const serving = await serve(["--self-signed", "--ca-file", caFile]);
    expect(await serving.post(readFileSync(caFile, "utf8"))).toMatchObject({
      allowed: true,
      patch: expect.any(String),
    });
    expect(await serving.operations("/readyz")).toMatch(/^ready\n/);
    expect(await serving.operations("/metrics")).toContain("pod_secrets_config_last_reload_successful 1\n");
    expect(serving.logged()[0]).toMatchObject({
      message: "serving",
      address: "127.0.0.1",
      managers: ["global", "k8s"],
    });
  });
  test("with a certificate from a directory that the config file names, relative to it", async () => {
    const made = await makeSelfSigned(Date.now());
    const folder = folderOf({ "config.yaml": "server: { certificates: certs }\n" });
    mkdirSync(join(folder, "certs"));
    writePair(join(folder, "certs"), made);
    const serving = await serve(["--config", join(folder, "config.yaml")]);
    expect(await serving.post(made.ca)).toMatchObject({ allowed: true });
  });
  test("loads neither the Kubernetes client nor, with a certificate from files, the X.509 library", async () => {
    const loading = ["@kubernetes/client-node", "@peculiar/x509"];
    const made = await makeSelfSigned(Date.now());
    const folder = folderOf({ "trace.mjs": TRACE });
    writePair(folder, made);
    const child = start(command().program, ["serve", ...PORTS, "--certificates", folder], {
      node: ["--import", join(folder, "trace.mjs")],
      environment: { TRACE_FILE: join(folder, "trace") },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([0, null]);
    const loaded = readFileSync(join(folder, "trace"), "utf8");
    const { contents } = command();
    const chunks = [...contents].filter(([name]) => loaded.includes(name));
    expect(chunks.length).toBeGreaterThan(2);
    for (const name of loading) {
      expect(loaded).not.toContain(name);
      expect(chunks.flatMap(([, modules]) => modules).filter((module) => module.includes(name))).toEqual([]);
    }
  });
});

/** Writes down what is loaded. */
const TRACE = `import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => (appendFileSync(process.env.TRACE_FILE, url + "\\n"), next(url, context)) });
`;

/** No look at files by the clock, which is each ten seconds. */
const STILL = `const repeat = globalThis.setInterval;
globalThis.setInterval = (work, time, ...rest) => repeat(time === 10_000 ? () => {} : work, time, ...rest);
`;

/** Thirty seconds are over when a plugin says so. */
const HASTY = `const wait = globalThis.setTimeout;
globalThis.setTimeout = (work, time, ...rest) => {
  if (time !== 30_000) return wait(work, time, ...rest);
  const timer = setInterval(() => {
    if (!globalThis.areThirtySecondsOver) return;
    clearInterval(timer);
    work(...rest);
  }, 20);
  return timer;
};
`;

describe("what keeps it from starting is one line with a fix, and an exit code of its own", () => {
  async function failed(
    args: readonly string[],
    options: ProcessOptions = {},
  ): Promise<{ readonly exit: number; readonly line: string }> {
    const { exit, stdout, stderr } = await runBuilt(command().program, ["serve", ...PORTS, ...args], options);
    // A slow machine may say that the start takes longer than a moment.
    expect(linesOf(stdout).filter((line) => !line.includes('"message":"waiting"'))).toEqual([]);
    expect(linesOf(stderr)).toEqual([expect.any(String)]);
    return { exit, line: stderr };
  }
  test("a wrong configuration: 2", async () => {
    const folder = folderOf({ "config.yaml": "server: { port: many }\n" });
    const { exit, line } = await failed(["--self-signed", "--config", join(folder, "config.yaml")]);
    expect(exit).toBe(2);
    expect(line).toMatch(/config\.yaml:1:17: E_CONFIG_TYPE: .*Fix: /);
  });
  test("a manager that never starts: 2", async () => {
    const folder = folderOf({
      "stuck.mjs": pluginSource({
        name: '"stuck"',
        create: "() => { globalThis.areThirtySecondsOver = true; return new Promise(() => {}); }",
      }),
      "config.yaml": "managers: [{ use: ./stuck.mjs }]\n",
      "hasty.mjs": HASTY,
    });
    const { exit, line } = await failed(["--self-signed", "--config", join(folder, "config.yaml")], {
      node: ["--import", join(folder, "hasty.mjs")],
    });
    expect(exit).toBe(2);
    expect(line).toMatch(
      /config\.yaml:1:19: E_CONFIG_PLUGIN_START: manager stuck could not start: no answer within 30 s\. Fix: /,
    );
  });
  test.each([
    [["--self-signed", "--certificates", "x"], "--self-signed and --certificates contradict each other"],
    [["--ca-file", "x"], "--ca-file has no CA to write"],
    [["--self-signed", "--port", "65536"], '--port cannot be "65536"'],
    [["--self-signed", "--operations-port", "x"], '--operations-port cannot be "x"'],
    [["--self-signed", "--ca-file", "/nowhere/ca.crt"], '--ca-file "/nowhere/ca.crt" cannot be written (ENOENT)'],
  ])("wrong flags: 2 (%j)", async (args, message) => {
    const { exit, line } = await failed(args);
    expect(exit).toBe(2);
    expect(line).toMatch(/^pod-secrets: E_USAGE: .*Fix: .*\.\n$/);
    expect(line).toContain(message);
  });
  test("no certificate: 3", async () => {
    const { exit, line } = await failed(["--certificates", folderOf({})]);
    expect(exit).toBe(3);
    expect(line).toMatch(
      /^pod-secrets: E_CERTIFICATE: ".*tls\.crt" cannot be read \(ENOENT\)\. Fix: .* To try it out, give --self-signed\.\n$/,
    );
  });
  test("no CA for the clients: 3", async () => {
    const folder = folderOf({ "config.yaml": "server: { clientCa: missing.pem }\n" });
    const { exit, line } = await failed(["--self-signed", "--config", join(folder, "config.yaml")]);
    expect(exit).toBe(3);
    expect(line).toMatch(/^pod-secrets: E_CLIENT_CA: ".*missing\.pem" cannot be read \(ENOENT\)\. Fix: .*\.\n$/);
  });
  test.each(["--port", "--operations-port"])("a taken port: 4 (%s)", async (flag) => {
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const { exit, line } = await failed(["--self-signed", flag, String(port)]);
    expect(exit).toBe(4);
    const section = flag === "--port" ? "server" : "operations";
    expect(line).toContain(`pod-secrets: E_PORT: ${section}: 127.0.0.1:${port} is in use. Fix: Stop the process `);
    expect(line).toContain(`\`ss -ltnp 'sport = :${port}'\` names it`);
  });
  test("one port for both servers: 4, and says so", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const port = String((free.address() as AddressInfo).port);
    await new Promise((resolve) => void free.close(resolve));
    const { exit, line } = await failed(["--self-signed", "--port", port, "--operations-port", port]);
    expect(exit).toBe(4);
    expect(line).toContain(
      `E_PORT: operations: 127.0.0.1:${port} is in use. Fix: Choose another port than that of \`server\`.`,
    );
  });
});

describe("under load", () => {
  test("an answer longer than what Node sends at once does not cost the next admission its connection", async () => {
    const caFile = join(folderOf({}), "ca.crt");
    const serving = await serve(["--self-signed", "--ca-file", caFile]);
    const ca = readFileSync(caFile, "utf8");
    const review = reviewOf(largePod());
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    onTestFinished(() => agent.destroy());
    const client = async (): Promise<void> => {
      for (let time = 0; time < 60; time += 1) {
        const { patch = "" } = await postReview(serving.port, ca, { review, agent });
        expect(patch.length).toBeGreaterThan(65_536);
      }
    };
    await Promise.all(Array.from({ length: 8 }, client));
  });
});

/** Of many containers with many env vars, and ten secrets for each container. */
function largePod(): Pod {
  const names = Array.from({ length: 31 }, (_, index) => index);
  const requests = names.slice(0, 10).map((index) => ({ ...A_SECRET, key: `password-${index}` }));
  const env = names.map((index) => ({ name: `OWN_${index}`, value: "x".repeat(30) }));
  const containers = names.map((index) => ({ name: `step-${index}`, image: "registry.example.com/train:2.0", env }));
  const pod = podWith(...requests);
  return { ...pod, spec: { ...pod.spec, containers } };
}

describe("end", () => {
  test("SIGTERM drains and ends with 0", async () => {
    const config = join(folderOf({ "config.yaml": "server: { drainSeconds: 4 }\n" }), "config.yaml");
    const serving = await serve(["--self-signed", "--config", config]);
    const started = performance.now();
    serving.signal("SIGTERM");
    await expect
      .poll(() => serving.operations("/readyz"))
      .toMatch(/^not ready\n[^]*\[-\] draining: the process is stopping/);
    expect(await serving.operations("/healthz")).toBe("ok\n");
    expect(await serving.exit).toBe(0);
    expect(performance.now() - started).toBeGreaterThan(3900);
    expect(serving.logged().map(({ message }) => message)).toEqual(["serving", "stopping", "stopped"]);
  });
  test("SIGINT, from somebody at a terminal, does not wait for a cluster", async () => {
    const serving = await serve(["--self-signed"]);
    serving.signal("SIGINT");
    expect(await serving.exit).toBe(0);
    // After SIGTERM it is ten.
    expect(serving.logged()[1]).toMatchObject({ message: "stopping", acceptSeconds: 0 });
  });
  test("a second SIGTERM ends it at once", async () => {
    const config = join(folderOf({ "config.yaml": "server: { drainSeconds: 300 }\n" }), "config.yaml");
    const serving = await serve(["--self-signed", "--config", config]);
    serving.signal("SIGTERM");
    await expect.poll(() => serving.logged().length).toBe(2);
    serving.signal("SIGTERM");
    expect(await serving.exit).toBe(0);
    // One alone takes longer than a test may.
    expect(serving.logged()[1]).toMatchObject({ message: "stopping", acceptSeconds: 300 });
  });
  test("a manager that never stops does not keep it from ending with 0, and is logged", async () => {
    const create = '() => ({ name: "stuck", inject() {}, dispose: () => new Promise(() => {}) })';
    const folder = folderOf({
      "stuck.mjs": pluginSource({ name: '"stuck"', create }),
      "config.yaml": `${QUICK}managers: [{ use: ./stuck.mjs }]\n`,
    });
    const serving = await serve(["--self-signed", "--config", join(folder, "config.yaml")]);
    serving.signal("SIGTERM");
    expect(await serving.exit).toBe(0);
    expect(serving.logged().at(-1)).toMatchObject({ message: "an injector failed to stop", injector: "stuck" });
  });
});

describe("changes while it serves", () => {
  test("a new config is taken up, a wrong one leaves the last good one", async () => {
    const config = join(folderOf({ "config.yaml": QUICK }), "config.yaml");
    const serving = await serve(["--self-signed", "--config", config]);
    writeFileSync(config, `${QUICK}profile: flyte-v2\n`);
    await expect.poll(() => serving.logged().at(-1)).toMatchObject({ message: "config reloaded" });
    writeFileSync(config, `${QUICK}profil: flyte-v2\n`);
    await expect.poll(() => serving.operations("/metrics")).toContain("pod_secrets_config_last_reload_successful 0\n");
    expect(await serving.operations("/readyz")).toMatch(/^ready\n/);
    await expect.poll(() => JSON.stringify(serving.logged())).toContain("E_CONFIG_UNKNOWN_KEY");
  });
  test("SIGHUP reads both anew, by itself", async () => {
    const [first, second] = [await makeSelfSigned(Date.now()), await makeSelfSigned(Date.now())];
    const folder = folderOf({
      "config.yaml": "server: { drainSeconds: 0, certificates: links }\n",
      "still.mjs": STILL,
    });
    for (const name of ["links", "files"]) mkdirSync(join(folder, name));
    for (const name of ["tls.crt", "tls.key"]) symlinkSync(join(folder, "files", name), join(folder, "links", name));
    writePair(join(folder, "files"), first);
    const serving = await serve(["--config", join(folder, "config.yaml")], {
      node: ["--import", join(folder, "still.mjs")],
    });
    const reloads = (): readonly string[] =>
      serving
        .logged()
        .map(({ message }) => String(message))
        .filter((message) => message.endsWith("reloaded"))
        .toSorted();
    // Behind the links, where no watch sees it; and nobody looks from time to time.
    writePair(join(folder, "files"), second);
    await serving.post(first.ca);
    serving.signal("SIGHUP");
    await expect.poll(reloads).toEqual(["certificate reloaded", "config reloaded"]);
    await serving.post(second.ca);
    await expect(serving.post(first.ca)).rejects.toThrow("certificate");
  });
  test("a new certificate is presented, a wrong one leaves the last good one", async () => {
    const [first, second] = [await makeSelfSigned(Date.now()), await makeSelfSigned(Date.now())];
    const directory = folderOf({});
    writePair(directory, first);
    const serving = await serve(["--certificates", directory]);
    await serving.post(first.ca);
    writePair(directory, second);
    await expect.poll(() => serving.logged().map(({ message }) => message)).toContain("certificate reloaded");
    await serving.post(second.ca);
    await expect(serving.post(first.ca)).rejects.toThrow("certificate");
    writeFileSync(join(directory, "tls.key"), "");
    await expect
      .poll(() => serving.operations("/metrics"))
      .toContain('pod_secrets_certificate_reloads_total{outcome="failure"}');
    await serving.post(second.ca);
    await expect.poll(() => JSON.stringify(serving.logged())).toContain("the last good one stays");
  });
});
