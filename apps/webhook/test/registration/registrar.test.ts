/** What the registrar tells. What it writes is tested with a real API server, in `e2e/test/registration.test.ts`. */
import type { ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";

import { registrationManifest, type DesiredRegistration } from "../../src/registration/desired-registration.ts";
import { startRegistrar } from "../../src/registration/registrar.ts";
import { formatStamp, stampOf } from "../../src/registration/stamp.ts";
import type { WebhookConfiguration } from "../../src/registration/webhook-configuration.ts";
import type { Log } from "../../src/telemetry/log.ts";
import { connectTo, json, startDouble } from "../kubernetes/api-double.ts";
import { BUNDLE, desiredBy, stored } from "./registrations.ts";

function recordingLog(): { readonly log: Log; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const silent = (): void => {};
  const log: Log = {
    debug: silent,
    info: silent,
    warn: (message) => void warnings.push(message),
    error: silent,
    setLevel: silent,
    dropped: () => 0,
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { log, warnings };
}

function registered(desired: DesiredRegistration, stamp: string): WebhookConfiguration {
  const { metadata, ...rest } = stored(registrationManifest(desired, BUNDLE));
  const annotations = { ...metadata.annotations, "pod-secrets.dev/desired": stamp };
  return { ...rest, metadata: { ...metadata, annotations } };
}

test("a process whose configuration is not applied, since another one started later, says so once", async () => {
  const later = desiredBy({ timeoutSeconds: 15 });
  const stamp = formatStamp(stampOf(later, Date.now() + 60_000));
  const live = registered(later, stamp);
  const double = await startDouble(({ url }, response) => {
    if (url.searchParams.get("watch") !== "true")
      return json(response, 200, { metadata: { resourceVersion: "7" }, items: [live] });
    response.writeHead(200).flushHeaders();
    const change = (): boolean => response.write(`${JSON.stringify({ type: "MODIFIED", object: live })}\n`);
    const changes = setInterval(change, 50);
    response.on("close", () => clearInterval(changes));
  });
  const { client } = await connectTo(double);
  const { log, warnings } = recordingLog();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const desired = desiredBy({ timeoutSeconds: 10 });
  const registrar = startRegistrar({ client, desired, log, signal: stop.signal, clock: Date.now });
  await registrar.publish(BUNDLE);
  // By then it has looked at it several times.
  await new Promise((done) => setTimeout(done, 300));
  expect(warnings).toEqual([
    `the registration is as a process wants it that started later (${stamp.slice(0, 24)}), and not as this one does`,
  ]);
});

test("whoever published CAs is told when the registration is seen with others, though it has them back at once", async () => {
  const desired = desiredBy({});
  const live = registered(desired, formatStamp(stampOf(desired, Date.now())));
  const emptied = JSON.parse(JSON.stringify(live).replaceAll(/"caBundle":"[^"]*"/g, '"caBundle":""')) as object;
  const watching: ServerResponse[] = [];
  const double = await startDouble(({ url }, response) => {
    if (url.searchParams.get("watch") !== "true")
      return json(response, 200, { metadata: { resourceVersion: "7" }, items: [live] });
    response.writeHead(200).flushHeaders();
    watching.push(response);
  });
  const { client } = await connectTo(double);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const { log } = recordingLog();
  const registrar = startRegistrar({ client, desired, log, signal: stop.signal, clock: Date.now });
  const holding = await registrar.publish(BUNDLE);
  expect(await registrar.publish(BUNDLE)).toBe(holding);
  await expect.poll(() => watching.length).toBe(1);
  const events = [emptied, live].map((object) => `${JSON.stringify({ type: "MODIFIED", object })}\n`);
  watching[0]?.write(events.join(""));
  await expect.poll(() => holding.aborted).toBe(true);
  expect((await registrar.publish(BUNDLE)).aborted).toBe(false);
});
