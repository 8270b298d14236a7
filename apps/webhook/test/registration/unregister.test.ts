/** Taking a registration back. What the API server makes of it is tested in `e2e/test/registration.test.ts`. */
import { describe, expect, onTestFinished, test } from "vitest";

import type { KubernetesError } from "../../src/kubernetes/kubernetes-client.ts";
import { startRegistrar } from "../../src/registration/registrar.ts";
import { unregister, type Unregistering } from "../../src/registration/unregister.ts";
import type { Log } from "../../src/telemetry/log.ts";
import { connectTo, json, startDouble, type Answer } from "../kubernetes/api-double.ts";
import { desiredBy, flyteRegistration } from "./registrations.ts";

async function unregistering(answer: Answer, options: Partial<Unregistering> = {}) {
  const double = await startDouble(answer);
  const { client } = await connectTo(double);
  const given = { client, desired: desiredBy({}), wait: 0, clock: Date.now, patience: 0, ...options };
  return { double, client, outcome: unregister(given) };
}

const SILENT = new Proxy({}, { get: () => () => {} }) as Log;

test("that of another installation is left alone, and told of in the words of a webhook that starts", async () => {
  const { metadata, ...rest } = flyteRegistration();
  const annotations = { "pod-secrets.dev/installation": "other/one\n\u001b[2J" };
  const live = { ...rest, metadata: { ...metadata, annotations } };
  const { double, client, outcome } = await unregistering(({ url }, response) => {
    if (!url.pathname.endsWith("configurations")) return json(response, 200, live);
    if (url.searchParams.get("watch") === "true") return response.writeHead(200).flushHeaders();
    return json(response, 200, { metadata: { resourceVersion: "7" }, items: [live] });
  });
  const told = {
    code: "E_REGISTRATION_OWNER",
    message:
      'registration "flyte-pod-webhook" belongs to "installation other/one\\n\\u001b[2J", and is left alone: ' +
      'this is "installation flyte/flyte-pod-webhook"',
  };
  await expect(outcome).rejects.toMatchObject(told);
  expect(double.asked.map(({ method }) => method)).toEqual(["GET"]);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const registrar = startRegistrar({
    client,
    desired: desiredBy({ caBundle: "none" }),
    log: SILENT,
    signal: stop.signal,
    clock: Date.now,
  });
  await expect(registrar.registered).rejects.toMatchObject(told);
});

test("that may be emptied and not deleted is told of as empty, with what is left to do", async () => {
  const { outcome } = await unregistering(({ method }, response) =>
    method === "DELETE"
      ? json(response, 403, {
          reason: "Forbidden",
          message:
            'x is forbidden: User "alice" cannot delete resource "mutatingwebhookconfigurations" in API group "y"',
        })
      : json(response, 200, flyteRegistration()),
  );
  await expect(outcome).rejects.toMatchObject({
    code: "E_KUBERNETES_FORBIDDEN",
    message:
      'the webhook is unregistered: registration "flyte-pod-webhook" is empty and calls nobody any more; but deleting it ' +
      'failed: user "alice" may not delete mutatingwebhookconfigurations "flyte-pod-webhook": HTTP 403 Forbidden',
    fix: "Run this again as a user who may, or `kubectl delete mutatingwebhookconfiguration flyte-pod-webhook`.",
  });
});

describe("an API server that cannot serve now", () => {
  test("is waited for, and that is told", async () => {
    let calls = 0;
    const waits: KubernetesError[] = [];
    const { outcome } = await unregistering(
      (_, response) => {
        calls += 1;
        return json(response, calls < 3 ? 503 : 404, { reason: "NotFound" });
      },
      { patience: 30_000, onWaiting: (error) => waits.push(error) },
    );
    expect(await outcome).toBe("not there");
    expect(waits.map(({ failure }) => failure)).toEqual(["unavailable", "unavailable"]);
  });
  test("for longer than it is waited for is an error", async () => {
    const { outcome } = await unregistering((_, response) => json(response, 503, {}));
    await expect(outcome).rejects.toMatchObject({ code: "E_KUBERNETES_UNREACHABLE" });
  });
});
