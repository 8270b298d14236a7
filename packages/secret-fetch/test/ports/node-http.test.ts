import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import type { HttpRequest, HttpResponse } from "../../src/http.ts";
import { createHttpClient, type HttpClient } from "../../src/ports/node-http.ts";
import { selfSigned } from "../rig/certificate.ts";
import {
  listen,
  serveLoopback,
  type Answer,
  type LoopbackServer,
  type ServerIdentity,
} from "../rig/loopback-server.ts";
import { temporaryFolder } from "../rig/volume.ts";

const signal = new AbortController().signal;

function client(env?: Readonly<Record<string, string>>): HttpClient {
  const made = createHttpClient(env);
  onTestFinished(() => made.close());
  return made;
}

async function serve(answer: Answer, identity?: ServerIdentity): Promise<LoopbackServer> {
  const server = await serveLoopback(answer, identity);
  onTestFinished(() => server.close());
  return server;
}

const send = (url: URL, change: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
  client().http({ method: "GET", url, signal, ...change });

describe("an exchange", () => {
  test("sends method, path, headers and body, and reads the whole answer", async () => {
    const server = await serve((_request, response) => {
      response.writeHead(201, { "X-One": "1", "Set-Cookie": ["a=1", "b=2"] });
      response.write("first ");
      response.end("second");
    });
    const headers = { "content-type": "text/plain" };
    const answer = await send(new URL("/a/b?c=d", server.url), { method: "POST", headers, body: "é" });
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      path: "/a/b?c=d",
      body: "é",
      headers: { "content-type": "text/plain", "content-length": "2", host: server.url.host },
    });
    expect(answer).toMatchObject({ status: 201, headers: { "x-one": "1", "set-cookie": "a=1, b=2" } });
    expect(new TextDecoder().decode(answer.body)).toBe("first second");
  });

  test("does not follow a redirect", async () => {
    const elsewhere = await serve((_request, response) => void response.end());
    const server = await serve(
      (_request, response) => void response.writeHead(302, { location: elsewhere.url.href }).end(),
    );
    await expect(send(server.url)).resolves.toMatchObject({ status: 302 });
    expect(elsewhere.requests).toEqual([]);
  });

  test("trusts the authority that is named", async () => {
    const identity = await selfSigned();
    const server = await serve((_request, response) => void response.end("ok"), identity);
    const caFile = join(temporaryFolder(), "ca.crt");
    writeFileSync(caFile, identity.cert);
    await expect(send(server.url, { caFile })).resolves.toMatchObject({ status: 200 });
  });

  test("goes through the proxy of the container when it is encrypted, and not when it is plain", async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", ({ url = "" }, socket) => {
      tunnels.push(url);
      socket.destroy();
    });
    const port = await listen(proxy);
    onTestFinished(() => void proxy.close());
    const plain = await serve((_request, response) => void response.end());
    const { http } = client({ HTTPS_PROXY: `http://127.0.0.1:${port}`, HTTP_PROXY: `http://127.0.0.1:${port}` });
    const url = new URL("https://secrets.example.com");
    await expect(http({ method: "GET", url, signal })).rejects.toMatchObject({ kind: "unavailable" });
    expect(tunnels).toEqual(["secrets.example.com:443"]);
    await expect(http({ method: "GET", url: plain.url, signal })).resolves.toMatchObject({ status: 200 });
  });

  test.each(["token\n", "a\r\nx-other: b", "€"])(
    "does not begin with a header of %j, and does not show it",
    async (token) => {
      const server = await serve((_request, response) => void response.end());
      const sent = send(server.url, { headers: { authorization: token } });
      await expect(sent).rejects.toMatchObject({
        kind: "wrong-request",
        message: `a header of the call to "${server.url.host}" has a character that HTTP does not allow (ERR_INVALID_CHAR)`,
      });
      expect(server.requests).toEqual([]);
    },
  );

  test("trusts no other authority because of an env var that turns the check off", async () => {
    const server = await serve((_request, response) => void response.end("ok"), await selfSigned());
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(send(server.url)).rejects.toMatchObject({ kind: "untrusted" });
  });

  test.each(["http://user:100%@proxy.example.com", "http://"])(
    "names the env var of a proxy that is none: %j",
    async (proxy) => {
      const { http } = client({ HTTPS_PROXY: proxy });
      const url = new URL("https://secrets.example.com");
      await expect(http({ method: "GET", url, signal })).rejects.toMatchObject({
        kind: "wrong-request",
        message: "HTTPS_PROXY or NO_PROXY of the container cannot be read",
      });
    },
  );

  test("does not begin when time is up already", async () => {
    const server = await serve((_request, response) => void response.end());
    await expect(send(server.url, { signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: "timeout" });
    expect(server.requests).toEqual([]);
  });

  test("takes an answer of just as many bytes as it may have", async () => {
    const server = await serve((_request, response) => void response.end("12345"));
    await expect(send(server.url, { maxBytes: 5 })).resolves.toMatchObject({ status: 200 });
    await expect(send(server.url, { maxBytes: 4 })).rejects.toMatchObject({ kind: "invalid-answer" });
  });

  test("is late, and not whole, when its time is up in the middle of an answer that ends with the connection", async () => {
    const time = new AbortController();
    const url = await serveBytes((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\nhalf");
      // By then the answer has begun for the client as well.
      setTimeout(() => time.abort(), 200);
    });
    await expect(send(url, { signal: time.signal })).rejects.toMatchObject({ kind: "timeout" });
  });

  test("ends in time when the proxy of the container says nothing", async () => {
    const time = new AbortController();
    const proxy = await serveBytes(() => time.abort());
    const { http } = client({ HTTPS_PROXY: proxy.href });
    const url = new URL("https://secrets.example.com");
    await expect(http({ method: "GET", url, signal: time.signal })).rejects.toMatchObject({ kind: "timeout" });
  });

  test("ends when the server goes on in another protocol, which nobody asked for", async () => {
    const url = await serveBytes((socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
    );
    await expect(send(url)).rejects.toMatchObject({
      kind: "invalid-answer",
      message: `what answers at "${url.host}" speaks no HTTP`,
    });
  });
});

/** A server that answers every connection's first bytes as told. */
async function serveBytes(answer: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("data", () => answer(socket));
  });
  const port = await listen(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new URL(`http://127.0.0.1:${port}`);
}
