/** The fetcher as a process, with Confidant and AWS Secrets Manager at once. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";

import { formatRequest, type FetchItem, type FetchRequest } from "../../../packages/secret-fetch/src/request.ts";
import { needing } from "../../cluster/src/index.ts";
import {
  pythonSupport,
  START_TIMEOUT,
  startConfidant,
  startMoto,
  type Confidant,
  type Moto,
} from "../../servers/index.ts";

const MAIN = join(import.meta.dirname, "../../../packages/secret-fetch/src/main.ts");

/** Items as the tests need them. */
const PASSWORD: FetchItem = {
  name: "Secret(group=db, key=password)",
  provider: "confidant",
  source: { credential: "db", key: "password" },
  files: [{ path: "db/password", mode: "0440" }],
};
const API_KEY: FetchItem = {
  name: "Secret(group=prod/api, key=key)",
  provider: "aws",
  source: { secretId: "prod/api", jsonKey: "key" },
  files: [{ path: "prod/api/key" }],
  env: [{ file: "env/task", key: "API_KEY" }],
};
const OLD: FetchItem = {
  name: "Secret(group=old, key=token)",
  provider: "confidant",
  source: { credential: "old", key: "token" },
  files: [{ path: "old/token" }],
};

describe("the fetcher", needing(pythonSupport()), () => {
  let moto: Moto;
  let confidant: Confidant;
  let db: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    moto = await startMoto({ checksAuthorization: true });
    confidant = await startConfidant(moto);
    db = await confidant.createCredential({ name: "db", pairs: { password: "first password" } });
    const old = await confidant.createCredential({ name: "old", pairs: { token: "old token" }, isEnabled: false });
    await confidant.putService("orders", { credentialIds: [db, old] });
    const SecretString = JSON.stringify({ key: "an api key" });
    await moto.admin("secretsmanager", "CreateSecret", { Name: "prod/api", SecretString });
    const actions = ["kms:Encrypt", "sts:GetCallerIdentity", "secretsmanager:GetSecretValue"];
    const { accessKeyId, secretAccessKey } = await moto.createUser("orders", actions);
    env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: moto.region };
  }, START_TIMEOUT);
  afterAll(async () => {
    await confidant?.stop();
    await moto?.stop();
  });

  function requestFor(items: readonly FetchItem[]): FetchRequest {
    const volume = mkdtempSync(join(tmpdir(), "pod-secrets-volume-"));
    onTestFinished(() => rmSync(volume, { recursive: true, force: true }));
    const endpoints = { kms: moto.url, sts: moto.url, secretsmanager: moto.url };
    const auth = { method: "kmsauth", key: confidant.authKey, to: confidant.authContext, endpoints };
    return {
      version: 1,
      volume,
      providers: {
        confidant: { use: "confidant", settings: { url: confidant.url, auth } },
        aws: { use: "aws-secretsmanager", settings: { endpoints } },
      },
      items,
      refreshSeconds: 5,
    };
  }

  function start(request: FetchRequest, args: readonly string[] = []): { child: ChildProcess; output: () => string } {
    const child = spawn(process.execPath, ["--conditions=@pod-secrets/source", MAIN, ...args], {
      env: { ...env, POD_SECRETS_FETCH: formatRequest(request) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return { child, output: () => output };
  }

  async function run(request: FetchRequest): Promise<{ exit: number; output: string }> {
    const { child, output } = start(request);
    const [exit] = (await once(child, "close")) as [number];
    return { exit, output: output() };
  }

  test("writes the secrets of both, and shows none", async () => {
    const request = requestFor([PASSWORD, API_KEY]);
    const { exit, output } = await run(request);
    expect(output).toMatch(/^pod-secrets-fetch: 2 secrets, 3 files written, in \d+ ms\n$/);
    expect(exit).toBe(0);
    const read = (path: string): string => readFileSync(join(request.volume, path), "utf8");
    expect(read("db/password")).toBe("first password");
    expect(read("prod/api/key")).toBe("an api key");
    expect(read("env/task")).toBe("API_KEY='an api key'\n");
  });

  test("writes nothing when Confidant has one of them switched off, and says which", async () => {
    const request = requestFor([PASSWORD, OLD, API_KEY]);
    const { exit, output } = await run(request);
    expect(output).toBe(
      'pod-secrets-fetch: fetch/disabled: secret "Secret(group=old, key=token)" from confidant: the credential "old" of ' +
        'the service "orders" is disabled in Confidant. Fix: Enable the credential, or use another.\n',
    );
    expect(exit).toBe(14);
    expect(readdirSync(request.volume)).toEqual([]);
  });

  test("brings a new revision to a running pod", async () => {
    const request = requestFor([PASSWORD]);
    expect(await run(request)).toMatchObject({ exit: 0 });
    const { child, output } = start(request, ["--watch"]);
    await confidant.reviseCredential(db, { name: "db", pairs: { password: "second password" } });
    await vi.waitFor(() => expect(output()).toContain("1 files have a new value"), { timeout: 60_000, interval: 200 });
    expect(readFileSync(join(request.volume, "db/password"), "utf8")).toBe("second password");
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(output()).not.toContain("second password");
  });
});
