/** How the API server's client connects, and what it relies on. */
import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { constants } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { makeSelfSigned } from "../../../src/certificates/self-signed.ts";
import { configSchema } from "../../../src/config/schema.ts";
import { A_SECRET, podWith, responseIn, reviewOf } from "../reviews.ts";
import { REVIEW_PATH, startWebhook, type StartedWebhook } from "../started-webhook.ts";
import { connectTls, countAnswers, httpRequest, receive } from "../tls-client.ts";

let webhook: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook[Symbol.asyncDispose]());

const review = reviewOf(podWith(A_SECRET));

describe("HTTP/1.1 is agreed on, HTTP/2 never", () => {
  test.each([[["h2", "http/1.1"]], [["http/1.1"]]])("of %j", async (ALPNProtocols) => {
    const socket = await connectTls(webhook.port, webhook.ca, { ALPNProtocols });
    expect(socket.alpnProtocol).toBe("http/1.1");
    socket.destroy();
  });
  test("a client without ALPN is served", async () => {
    const socket = await connectTls(webhook.port, webhook.ca);
    expect(socket.alpnProtocol).toBe(false);
    socket.destroy();
  });
  test("a client that speaks HTTP/2 only is turned away", async () => {
    await expect(connectTls(webhook.port, webhook.ca, { ALPNProtocols: ["h2"] })).rejects.toMatchObject({
      code: "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    });
  });
  test("the preface of HTTP/2 is no request", async () => {
    const socket = await connectTls(webhook.port, webhook.ca);
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const { text, closed } = await receive(socket);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(closed).toBe(true);
  });
});

describe("no name in SNI is refused", () => {
  test.each(["flyte-pod-webhook.flyte.svc", "localhost", "anything.example.com", undefined])(
    "%s",
    async (servername) => {
      const socket = await connectTls(webhook.port, webhook.ca, {
        ...(servername === undefined ? {} : { servername }),
        checkServerIdentity: () => undefined,
      });
      expect(socket.authorized).toBe(true);
      socket.destroy();
    },
  );
});

describe("TLS 1.3, and 1.2 with forward secrecy and authenticated encryption", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("%s is spoken", async (version) => {
    const socket = await connectTls(webhook.port, webhook.ca, { minVersion: version, maxVersion: version });
    expect(socket.getProtocol()).toBe(version);
    socket.destroy();
  });
  test.each(["TLSv1", "TLSv1.1"] as const)("%s is not", async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" } as const;
    await expect(connectTls(webhook.port, webhook.ca, old)).rejects.toMatchObject({
      code: expect.stringMatching(/ALERT_PROTOCOL_VERSION/),
    });
  });
  test.each([
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES256-SHA",
    "DHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-CCM",
  ])("1.2 with %s is not", async (cipher) => {
    const weak = { maxVersion: "TLSv1.2", ciphers: `${cipher}:@SECLEVEL=0` } as const;
    await expect(connectTls(webhook.port, webhook.ca, weak)).rejects.toMatchObject({
      code: expect.stringMatching(/HANDSHAKE_FAILURE/),
    });
  });
  test.each(["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"])(
    "1.2 with %s is",
    async (cipher) => {
      const socket = await connectTls(webhook.port, webhook.ca, { maxVersion: "TLSv1.2", ciphers: cipher });
      expect(socket.getCipher().name).toBe(cipher);
      socket.destroy();
    },
  );
  test("a client cannot make the server shake hands again", async () => {
    const socket = await connectTls(webhook.port, webhook.ca, {
      maxVersion: "TLSv1.2",
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    });
    const failed = new Promise((resolve) => socket.once("error", resolve));
    socket.renegotiate({}, () => {});
    expect(await failed).toMatchObject({ message: expect.stringContaining("no renegotiation") });
  });
});

describe("an idle connection is still there when the API server uses it again", () => {
  test("it is kept for longer than the 90 s of the API server's client", () => {
    expect(configSchema.parse({}).server.keepAliveSeconds).toBe(120);
    expect(webhook.serving.admissions.server.keepAliveTimeout).toBe(120_000);
  });
  test("just below the limit it serves, beyond it is closed", async () => {
    await using brief = await startWebhook({ server: { keepAliveSeconds: 3 } });
    const socket = await connectTls(brief.port, brief.ca);
    let answered = 0;
    const received = receive(socket, () => {
      answered = performance.now();
      return false;
    });
    for (let count = 0; count < 4; count++) {
      socket.write(httpRequest(review));
      await sleep(1000);
    }
    const { text, closed } = await received;
    expect(countAnswers(text)).toBe(4);
    expect(closed).toBe(true);
    // Node waits a second longer than it says, so that a call on its way still arrives.
    expect(performance.now() - answered).toBeGreaterThan(2500);
  });
  test("the timeouts for a request do not end an idle connection", async () => {
    await using brief = await startWebhook({ server: { headersSeconds: 1, requestSeconds: 1.5 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await brief.post(review, { agent });
    await sleep(3500);
    expect(await brief.post(review, { agent })).toMatchObject({ code: 200, reused: true });
    agent.destroy();
  });
});

describe("a connection serves any number of requests", () => {
  test("10,000 on one", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const small = reviewOf(null, { operation: "DELETE" });
    let reused = 0;
    for (let count = 0; count < 10_000; count++) {
      const answer = await webhook.post(small, { agent });
      if (answer.code !== 200) throw new Error(`request ${count} got ${answer.code}`);
      if (answer.reused) reused++;
    }
    expect(reused).toBe(9999);
    agent.destroy();
  }, 300_000);
});

test("pipelined requests are answered in order", async () => {
  const uids = Array.from({ length: 20 }, (_, index) => `uid-${index}`);
  const socket = await connectTls(webhook.port, webhook.ca);
  socket.write(uids.map((uid) => httpRequest(reviewOf(podWith(A_SECRET), { uid }))).join(""));
  const { text } = await receive(
    socket,
    (received) => countAnswers(received) === uids.length && received.endsWith("}"),
  );
  expect([...text.matchAll(/"uid":"(.*?)"/g)].map(([, uid]) => uid)).toEqual(uids);
});

describe("nothing is redirected", () => {
  test.each(["/", `${REVIEW_PATH}/`, `/.${REVIEW_PATH}`, `/x/..${REVIEW_PATH}`, `/${REVIEW_PATH}`, `${REVIEW_PATH}?a`])(
    "%s",
    async (path) => {
      const { code, headers } = await webhook.post(review, { path });
      expect([200, 404]).toContain(code);
      expect(headers.location).toBeUndefined();
    },
  );
});

test("the answer is not compressed, though the API server would take gzip", async () => {
  const { headers, text } = await webhook.post(review, { headers: { "Accept-Encoding": "gzip" } });
  expect(headers["content-encoding"]).toBeUndefined();
  expect(Number(headers["content-length"])).toBe(Buffer.byteLength(text));
});

describe("with a client CA, only its clients are served", () => {
  const now = Date.now();
  const of = (name: string): ReturnType<typeof makeSelfSigned> =>
    makeSelfSigned(now, { usage: "client", commonName: name, names: [] });

  test("no certificate ends the handshake", async () => {
    const { ca } = await of("kube-apiserver");
    await using closed = await startWebhook({ clientCa: ca });
    await expect(closed.post(review)).rejects.toMatchObject({
      code: expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET/),
    });
    expect((await closed.operations("/metrics")).text).toContain("pod_secrets_tls_handshake_errors_total 1");
  });
  test("a certificate of another CA ends it too", async () => {
    const [own, other] = await Promise.all([of("kube-apiserver"), of("kube-apiserver")]);
    await using closed = await startWebhook({ clientCa: own.ca });
    await expect(closed.post(review, { client: other.certificate })).rejects.toMatchObject({
      code: expect.stringMatching(/ALERT|ECONNRESET/),
    });
  });
  test("a certificate of the CA is served", async () => {
    const { ca, certificate } = await of("kube-apiserver");
    await using closed = await startWebhook({ clientCa: ca });
    expect(await closed.post(review, { client: certificate })).toMatchObject({ code: 200 });
  });
  test("with names allowed, another name is refused, and gets nothing of the answer", async () => {
    const { ca, certificate } = await of("somebody");
    await using closed = await startWebhook({ clientCa: ca, server: { clientNames: ["kube-apiserver"] } });
    const answer = await closed.post(review, { client: certificate });
    expect(answer.code).toBe(403);
    expect(answer.text).not.toContain("patch");
  });
  test("the right name is served", async () => {
    const { ca, certificate } = await of("kube-apiserver");
    await using closed = await startWebhook({ clientCa: ca, server: { clientNames: ["kube-apiserver"] } });
    expect(responseIn(await closed.post(review, { client: certificate }))).toMatchObject({ allowed: true });
  });
});

test("a new certificate keeps established connections, and new ones get it", async () => {
  await using rotating = await startWebhook();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await rotating.post(review, { agent });
  const next = await makeSelfSigned(Date.now());
  rotating.serving.admissions.present(next.certificate);
  expect(await rotating.post(review, { agent })).toMatchObject({ code: 200, reused: true });
  await expect(rotating.post(review)).rejects.toMatchObject({ message: expect.stringMatching(/certificate/) });
  const socket = await connectTls(rotating.port, next.ca);
  expect(socket.authorized).toBe(true);
  socket.destroy();
  agent.destroy();
});
