import { describe, expect, it } from "vitest";

import { composeFile } from "../../src/compose/from-file.ts";
import { NO_TELEMETRY } from "../../src/compose/telemetry.ts";
import { createInjectorEvents } from "../../src/telemetry/injector-events.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createConfigFolder } from "../config/config-folder.ts";
import { pluginSource } from "../compose/plugin-folder.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describe("what injectors count", () => {
  it("is a metric by injector and event", async () => {
    const events = createInjectorEvents();
    for (const event of ["cache-hit", "cache-hit", "read-failed"]) events.count("embedded", event);
    const none = (): number => 0;
    const { spans, events: sent } = NO_TELEMETRY;
    const kept = { bodyBytes: none, waiting: none, droppedLogLines: none, certificateExpires: none };
    const metrics = createMetrics({ version: "", ...kept, spans, events: sent, injectorEvents: events.list });
    const { text } = await metrics.expose();

    expect(text).toContain('pod_secrets_injector_events_total{injector="embedded",event="cache-hit"} 2');
    expect(text).toContain('pod_secrets_injector_events_total{injector="embedded",event="read-failed"} 1');
  });

  it("goes on when a reloaded config makes the injector anew", async () => {
    const folder = createConfigFolder();
    folder.write(
      "acme.mjs",
      pluginSource({
        create:
          '(_, host) => { host.count("made"); return { name: "acme", inject: () => ({ outcome: "skipped", reason: "no" }) }; }',
      }),
    );
    const file = folder.write("config.yaml", "global: false\nmanagers: [{ use: ./acme.mjs }]\n");
    const events = createInjectorEvents();
    for (let reload = 0; reload < 2; reload++) {
      const composed = await composeFile(file, silent, {}, { count: events.count });
      if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
      await composed.composition.dispose();
    }

    expect(events.list()).toEqual([{ injector: "acme", event: "made", count: 2 }]);
  });

  it("has few labels, whatever an injector from elsewhere makes up", () => {
    const events = createInjectorEvents();
    for (const event of ["Value of a pod", "a".repeat(64), "\n", ""]) events.count("acme", event);
    expect(events.list()).toEqual([{ injector: "acme", event: "other", count: 4 }]);

    for (let index = 0; index < 1000; index++) events.count("acme", `event-${index}`);
    expect(events.list().length).toBeLessThanOrEqual(201);
    expect(events.list().reduce((sum, { count }) => sum + count, 0)).toBe(1004);
  });
});
