/** The program as it runs in a pod: a process, with its request in the env, and a safe that answers over HTTP. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { formatRequest } from "@pod-secrets/secret-fetch/request";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const TOKEN = "token-of-the-service-account";

let answer: { readonly status: number; readonly body: string };
const asked: (string | undefined)[] = [];
const server = createServer(({ url, headers }, response) => {
  asked.push(url);
  const isKnown = headers.authorization === `Bearer ${TOKEN}`;
  response.writeHead(isKnown ? answer.status : 401).end(isKnown ? answer.body : "");
});
const folder = mkdtempSync(join(tmpdir(), "acme-safe-"));
const file = join(folder, "warehouse", "password");
const tokenFile = join(folder, "token");

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked.length = 0;
  answer = { status: 200, body: "hunter2" };
  rmSync(file, { force: true });
  writeFileSync(tokenFile, `${TOKEN}\n`);
});

/** Fetches one secret. @returns how the program ended, and what it said */
async function run(): Promise<{ readonly exit: unknown; readonly said: string }> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = formatRequest({
    version: 1,
    volume: folder,
    deadlineSeconds: 2,
    providers: { safe: { use: "acme-safe", settings: { url, tokenFile } } },
    items: [
      {
        name: "warehouse/password",
        provider: "safe",
        source: { safe: "warehouse", secret: "password" },
        files: [{ path: "warehouse/password" }],
      },
    ],
  });
  const program = spawn(process.execPath, [MAIN], { env: { POD_SECRETS_FETCH: request } });
  const [[exit], said] = await Promise.all([once(program, "close"), text(program.stderr)]);
  return { exit, said };
}

test("writes the value to its file, byte by byte", async () => {
  expect(await run()).toMatchObject({ exit: 0 });
  expect(readFileSync(file, "utf8")).toBe("hunter2");
  expect(asked).toEqual(["/v1/safes/warehouse/secrets/password"]);
});

test.each([
  [403, "fetch/denied"],
  [404, "fetch/not-found"],
  [429, "fetch/throttled"],
  [503, "fetch/unavailable"],
  [302, "fetch/invalid-answer"],
])("fails at HTTP %i with %s, and leaves no file", async (status, code) => {
  answer = { status, body: "hunter2" };
  const { exit, said } = await run();
  expect(exit).toBeGreaterThan(0);
  expect(said).toContain(`${code}: secret "warehouse/password" from safe (acme-safe)`);
  expect(said).toContain(`HTTP ${status} for "password" in safe "warehouse"`);
  expect(said).not.toContain("hunter2");
  expect(existsSync(file)).toBe(false);
});

test.each([
  ["of somebody else", () => writeFileSync(tokenFile, "another")],
  ["that is not there", () => rmSync(tokenFile)],
])("takes a token %s for a pod without an identity", async (_, change) => {
  change();
  expect(await run()).toMatchObject({ exit: 11, said: expect.stringContaining("fetch/unauthenticated") });
});
