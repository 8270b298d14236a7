import { once } from "node:events";
import { request } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { makeSelfSigned } from "../../src/certificates/self-signed.ts";
import { createOperationsServer } from "../../src/server/operations-server.ts";
import { A_SECRET, NO_SECRET, podWith, reviewOf } from "./reviews.ts";
import { startWebhook, type StartedWebhook } from "./started-webhook.ts";

let webhook: StartedWebhook;
beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook[Symbol.asyncDispose]());

describe("/healthz", () => {
  test("is fine while the process answers", async () => {
    expect(await webhook.operations("/healthz")).toMatchObject({ code: 200, text: "ok\n" });
  });
});

describe("/readyz", () => {
  test("names what is checked", async () => {
    const { code, text } = await webhook.operations("/readyz?verbose");
    expect(code).toBe(200);
    expect(text).toBe("ready\n[+] certificate: ok\n[+] listening: ok\n[+] draining: ok\n");
  });
  test("says no once the certificate has expired", async () => {
    const { certificate, ca } = await makeSelfSigned(Date.now());
    await using expired = await startWebhook({
      certificate: { certificate: { ...certificate, expires: Date.now() - 1 }, ca },
    });
    const { code, text } = await expired.operations("/readyz");
    expect(code).toBe(503);
    expect(text).toContain("not ready\n[-] certificate: it has expired\n");
  });
});

describe("/metrics", () => {
  test("count admissions, secrets and refusals, and show no name of a pod or secret", async () => {
    await using counted = await startWebhook();
    await counted.post(reviewOf(podWith(A_SECRET, { ...A_SECRET, key: "other" })));
    await counted.post(reviewOf(podWith(NO_SECRET)));
    await counted.post(reviewOf(podWith(A_SECRET), { operation: "DELETE" }));
    await counted.post("{");
    const { headers, text } = await counted.operations("/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of [
      'pod_secrets_admissions_total{outcome="changed"} 1',
      'pod_secrets_admissions_total{outcome="refused"} 1',
      'pod_secrets_admissions_total{outcome="ignored"} 1',
      'pod_secrets_admissions_total{outcome="failed"} 0',
      'pod_secrets_secrets_total{injector="k8s",outcome="injected"} 2',
      'pod_secrets_http_rejections_total{code="400"} 1',
      "pod_secrets_admission_duration_seconds_count 3",
      "pod_secrets_requests_in_flight 0",
      'pod_secrets_build_info{version="1.2.3",node="24',
      "process_resident_memory_bytes ",
      "process_cpu_seconds_total ",
    ])
      expect(text).toContain(line);
    expect(text).toMatch(/^pod_secrets_refusals_total\{code="[A-Za-z0-9_/-]+"\} 1$/m);
    const expiry = /^pod_secrets_certificate_expiry_timestamp_seconds (.*)$/m.exec(text)?.[1];
    expect(Number(expiry) * 1000).toBeGreaterThan(Date.now());
    expect(text).not.toMatch(/user-info|password|flytesnacks|"task"/);
  });
  test("every metric has a help text, and names follow Prometheus' rules", async () => {
    const { text } = await webhook.operations("/metrics");
    const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    expect(names.length).toBeGreaterThan(10);
    for (const [, name, type] of names) {
      expect(text).toContain(`# HELP ${name} `);
      expect(name).toMatch(/^(pod_secrets|process|nodejs)_[a-z_]+$/);
      expect(name?.endsWith("_total") || name === "process_cpu_seconds_total").toBe(type === "counter");
    }
  });
});

describe("the port shows nothing else", () => {
  test.each(["/", "/config", "/debug/pprof/", "/version", "/metrics/", "/healthz/x", "/..", "//metrics"])(
    "%s is not there",
    async (path) => {
      expect(await webhook.operations(path)).toMatchObject({ code: 404, text: "not found\n" });
    },
  );
  test("it is read only", async () => {
    const post = request({ port: webhook.operationsPort, path: "/metrics", method: "POST", agent: false }).end("x");
    const [response] = (await once(post, "response")) as [{ statusCode: number; headers: object; resume(): void }];
    expect(response).toMatchObject({ statusCode: 405, headers: { allow: "GET, HEAD" } });
    response.resume();
  });
  test("the admission port shows no health and no metrics", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics"])
      expect(await webhook.post("", { path })).toMatchObject({ code: 404 });
  });
});

describe("a client that does not get on", () => {
  test.each([
    ["says nothing", ""],
    ["stops within its headers", "GET /healthz HTTP/1.1\r\nHost: x\r\n"],
  ])("is cut off: it %s", async (_, sent) => {
    const server = createOperationsServer({
      checks: [],
      metrics: () => Promise.reject(new Error("none")),
      onShed: () => {},
      timeout: 200,
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString())).write(sent);
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 408 |^$/);
    server.close();
  });
});
