import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";

import { listen } from "../../src/server/listen.ts";
import { whileOpening } from "../../src/server/waiting-start.ts";
import { collectLog } from "../certificates/managed/collected-log.ts";

interface Waiting {
  readonly port: number;
  readonly opening: PromiseWithResolvers<string>;
  readonly stop: PromiseWithResolvers<{ readonly signal: "SIGTERM" }>;
  readonly outcome: Promise<string | undefined>;
}

async function waiting(): Promise<Waiting> {
  const port = await freePort();
  const opening = Promise.withResolvers<string>();
  const stop = Promise.withResolvers<{ readonly signal: "SIGTERM" }>();
  const outcome = whileOpening(opening.promise, {
    operations: { host: "127.0.0.1", port },
    signals: { stop: stop.promise, hurry: new AbortController().signal, release: () => {} },
    log: collectLog().log,
    waitsFor: { name: "certificate", problem: "its Secret cannot be read yet" },
  });
  return { port, opening, stop, outcome };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = await new Promise<AddressInfo>((done) =>
    server.listen(0, "127.0.0.1", () => done(server.address() as AddressInfo)),
  );
  await new Promise((done) => server.close(done));
  return port;
}

const probe = async (port: number, path: string): Promise<readonly [number, string]> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  return response === undefined ? [0, ""] : [response.status, await response.text()];
};

test("while a start waits, probes hear that the process lives and why it is not ready", async () => {
  const { port, opening, outcome } = await waiting();
  await expect.poll(() => probe(port, "/healthz")).toEqual([200, "ok\n"]);
  const [status, text] = await probe(port, "/readyz");
  expect(status).toBe(503);
  expect(text).toContain("[-] certificate: its Secret cannot be read yet");
  opening.resolve("opened");
  expect(await outcome).toBe("opened");
  const next = createServer();
  onTestFinished(() => void next.close());
  expect(await listen(next, "127.0.0.1", port)).toMatchObject({ ok: true });
});

test("a start that is quick opens no port for it", async () => {
  const { port, opening, outcome } = await waiting();
  opening.resolve("opened");
  expect(await outcome).toBe("opened");
  expect(await probe(port, "/healthz")).toEqual([0, ""]);
});

test("a signal to stop ends the wait", async () => {
  const { stop, outcome } = await waiting();
  stop.resolve({ signal: "SIGTERM" });
  expect(await outcome).toBeUndefined();
});

test("what cannot be opened ends the start", async () => {
  const { opening, outcome } = await waiting();
  opening.reject(new RangeError("no"));
  await expect(outcome).rejects.toThrow("no");
});

describe("what ends the wait at the moment at which the port for probes is opened", () => {
  /** Asked for the port just before it is opened. */
  async function whenPortIsAskedFor(
    opening: Promise<string>,
    stop: Promise<{ readonly signal: "SIGTERM" }>,
    end: () => void,
  ): Promise<{ readonly port: number; readonly outcome: Promise<string | undefined> }> {
    const port = await freePort();
    const operations = {
      host: "127.0.0.1",
      get port() {
        end();
        return port;
      },
    };
    const outcome = whileOpening(opening, {
      operations,
      signals: { stop, hurry: new AbortController().signal, release: () => {} },
      log: collectLog().log,
      waitsFor: { name: "certificate", problem: "its Secret cannot be read yet" },
    });
    return { port, outcome };
  }

  async function expectFree(port: number): Promise<void> {
    const next = createServer();
    onTestFinished(() => void next.close());
    expect(await listen(next, "127.0.0.1", port)).toMatchObject({ ok: true });
  }

  test("a start that takes just as long goes on, with the port free", async () => {
    const opening = Promise.withResolvers<string>();
    const never = new Promise<never>(() => {});
    const { port, outcome } = await whenPortIsAskedFor(opening.promise, never, () => opening.resolve("opened"));
    expect(await outcome).toBe("opened");
    await expectFree(port);
  });

  test("a signal to stop is obeyed", async () => {
    const stop = Promise.withResolvers<{ readonly signal: "SIGTERM" }>();
    const never = new Promise<never>(() => {});
    const { port, outcome } = await whenPortIsAskedFor(never, stop.promise, () => stop.resolve({ signal: "SIGTERM" }));
    expect(await outcome).toBeUndefined();
    await expectFree(port);
  });
});
