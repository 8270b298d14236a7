/** AWS on 127.0.0.1: what the tests of providers rest on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { needing } from "../../cluster/src/index.ts";
import { pythonSupport, START_TIMEOUT, startMoto, type Moto } from "../../servers/index.ts";

describe("moto", needing(pythonSupport()), () => {
  let moto: Moto;

  beforeAll(async () => {
    moto = await startMoto({ checksAuthorization: true });
  }, START_TIMEOUT);
  afterAll(() => moto?.stop());

  async function statusOfUnsigned(target: string): Promise<number> {
    const credential = `Credential=AKIAEXAMPLE/20200101/${moto.region}/secretsmanager/aws4_request`;
    const { status } = await fetch(moto.url, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": target,
        Authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=none`,
      },
      body: "{}",
    });
    return status;
  }

  test("keeps what the administrator writes", async () => {
    await moto.admin("secretsmanager", "CreateSecret", { Name: "prod/db", SecretString: "a secret" });
    const { SecretString } = await moto.admin("secretsmanager", "GetSecretValue", { SecretId: "prod/db" });
    expect(SecretString).toBe("a secret");
  });

  test("gives a user's key and a KMS key", async () => {
    const { accessKeyId, secretAccessKey } = await moto.createUser("task", ["secretsmanager:GetSecretValue"]);
    expect(accessKeyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
    expect(secretAccessKey).toMatch(/^\S{40}$/);
    expect(await moto.createKey("alias/test")).toMatch(`arn:aws:kms:${moto.region}:${moto.account}:key/`);
  });

  test("refuses a key that nobody has, also after the administrator's calls", async () => {
    expect(await statusOfUnsigned("secretsmanager.ListSecrets")).toBe(403);
  });

  test("stops, and is one of many", async () => {
    const other = await startMoto();
    expect(other.url).not.toBe(moto.url);
    expect((await fetch(other.url + "/moto-api/data.json")).status).toBe(200);
    await other.stop();
    await expect(fetch(other.url)).rejects.toThrow("fetch failed");
    expect((await fetch(moto.url + "/moto-api/data.json")).status).toBe(200);
  });

  test("ends with who started it, even when that is killed", async (context) => {
    if (process.platform !== "linux") context.skip("only Linux tells a process that its parent was killed");
    const folder = mkdtempSync(join(tmpdir(), "pod-secrets-killed-"));
    const module = new URL("../../servers/index.ts", import.meta.url).href;
    const program = `const { startMoto } = await import("${module}");
      console.log((await startMoto()).url); setInterval(() => {}, 1000);`;
    const env = { ...process.env, TMPDIR: folder };
    const args = ["--input-type=module", "--eval", program];
    const owner = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    try {
      const [line] = (await once(owner.stdout, "data")) as [Buffer];
      const url = line.toString().trim();
      expect((await fetch(url + "/moto-api/data.json")).status).toBe(200);
      owner.kill("SIGKILL");
      await vi.waitFor(() => expect(fetch(url)).rejects.toThrow("fetch failed"), { timeout: 60_000, interval: 200 });
    } finally {
      owner.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test("a machine without a fit Python is told what to install", () => {
  expect(pythonSupport(["no-such-python"])).toEqual({
    kind: "unsupported",
    reason: "there is no Python of 3.10, 3.11, 3.12, 3.13 with the module venv",
    fix: "Install one (Debian: apt-get install python3-venv).",
  });
});
