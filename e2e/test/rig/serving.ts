/** The built `serve` on this machine, which registers itself with a cluster by its address. */
import { once } from "node:events";
import { get } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

import { makeSelfSigned } from "../../../apps/webhook/src/certificates/self-signed.ts";
import { start } from "../../../apps/webhook/test/cli/built-command.ts";

/** A config file for one webhook of one test, with the certificate that it names. */
export interface LocalInstallation {
  readonly config: string;
  readonly port: number;
  readonly registration: string;
  /** Another certificate, of another CA. @param names default: those of this machine and of Flyte's Service */
  renew(names?: readonly string[]): Promise<void>;
}

export interface InstallationOptions {
  readonly folder: string;
  readonly kubeconfig: string;
  /** Name of the registration. */
  readonly name: string;
  /** More keys of the section `registration`. */
  readonly section?: object;
}

export async function installLocally(options: InstallationOptions): Promise<LocalInstallation> {
  const { folder, kubeconfig, name, section } = options;
  const port = await freePort();
  const directory = join(folder, name);
  mkdirSync(directory, { recursive: true });
  const renew: LocalInstallation["renew"] = async (names) => {
    const holder = names === undefined ? undefined : ({ usage: "server", commonName: "x", names } as const);
    const { certificate, ca } = await makeSelfSigned(Date.now(), holder);
    writeFileSync(join(directory, "ca.crt"), ca);
    writeFileSync(join(directory, "tls.key"), certificate.key);
    writeFileSync(join(directory, "tls.crt"), certificate.certificate);
  };
  await renew();
  const config = join(folder, `${name}.yaml`);
  const url = `https://127.0.0.1:${port}`;
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "default" } };
  const sections = {
    server: { host: "127.0.0.1", port, certificates: directory, drainSeconds: 0 },
    operations: { host: "127.0.0.1", port: 0 },
    kubernetes: { kubeconfig, namespace: "flyte" },
    registration: { name, url, namespaceSelector, ...section },
  };
  writeFileSync(config, JSON.stringify(sections));
  return { config, port, registration: name, renew };
}

export interface RunningServe {
  readonly exit: Promise<number | null>;
  readonly stderr: Promise<string>;
  /** Lines of the log so far. */
  lines(): readonly Readonly<Record<string, unknown>>[];
  /** Those with such a message. */
  logged(message: string): readonly Readonly<Record<string, unknown>>[];
  operations(path: "/readyz" | "/metrics"): Promise<string>;
  signal(name: "SIGTERM"): void;
}

/** Starts it, and waits until it listens or ends. */
export async function startServe(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningServe> {
  const child = start(program, ["serve", ...args], { environment });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exit = once(child, "close").then(([code]) => code as number | null);
  const stderr = text(child.stderr);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const lines: RunningServe["lines"] = () =>
    output
      .slice(0, output.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const logged: RunningServe["logged"] = (message) => lines().filter((line) => line["message"] === message);
  const listens = async (): Promise<void> => {
    while (logged("serving").length === 0) await once(child.stdout, "data");
  };
  await Promise.race([listens(), exit]);
  const port = logged("serving")[0]?.["operationsPort"] as number | undefined;
  return {
    exit,
    stderr,
    lines,
    logged,
    operations: async (path) => {
      const [response] = (await once(get({ port, path, agent: false }), "response")) as [NodeJS.ReadableStream];
      return text(response);
    },
    signal: (name) => void child.kill(name),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
