/** Dashboard and alert rules are about metrics that there are, and each alert is explained. */
import { globSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { documentedMetrics } from "../../src/documents/telemetry-document.ts";
import { root, textOf } from "./documents.ts";
import { readPromql } from "./promql.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const alerts = textOf("deploy/monitoring/alerts.yaml");
const { groups } = parse(alerts) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(textOf("deploy/monitoring/dashboard.json")) as { readonly panels: readonly Panel[] };

const queries: readonly (readonly [string, string])[] = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** What a scrape adds to every series. */
const SCRAPED = ["job", "instance"];

/** Those of the API server that are about webhooks, with their labels (k8s.io/apiserver v0.36, pkg/admission/metrics). */
const OF_THE_API_SERVER: readonly (readonly [string, readonly string[]])[] = [
  ["apiserver_admission_webhook_admission_duration_seconds_bucket", ["name", "type", "operation", "rejected", "le"]],
  ["apiserver_admission_webhook_rejection_count", ["name", "type", "operation", "error_type", "rejection_code"]],
  ["apiserver_admission_webhook_fail_open_count", ["name", "type"]],
  ["apiserver_admission_webhook_request_total", ["name", "type", "operation", "code", "rejected"]],
];

/** Labels of every series that there is, by name. */
const series = new Map<string, readonly string[]>([
  ...OF_THE_API_SERVER,
  ...documentedMetrics().flatMap(({ name, kind, labels }): (readonly [string, readonly string[]])[] =>
    kind === "histogram"
      ? [
          [`${name}_bucket`, [...labels, "le"]],
          [`${name}_sum`, labels],
          [`${name}_count`, labels],
        ]
      : [[name, labels]],
  ),
]);

describe("a query", () => {
  it.each(queries)("of %s is PromQL about metrics and labels that there are: %s", (_, expression) => {
    const { faults, selectors } = readPromql(expression);
    expect(faults).toEqual([]);
    expect(selectors).not.toEqual([]);
    for (const { metric, labels } of selectors) {
      expect([...series.keys()]).toContain(metric);
      const known = new Set([...(series.get(metric) ?? []), ...SCRAPED]);
      expect(labels.filter((label) => !known.has(label))).toEqual([]);
    }
  });

  it("that is none, or about something else, is found out", () => {
    expect(readPromql("rate(a[5m]) >").faults).not.toEqual([]);
    expect(readPromql('sum by (x) (rate(a{b="c", d!="e"}[5m])) / on (y) f')).toEqual({
      faults: [],
      selectors: [
        { metric: "a", labels: ["b", "d"] },
        { metric: "f", labels: [] },
      ],
    });
  });
});

describe("an alert", () => {
  const pages = globSync("docs/runbook/*.md", { cwd: root }).map((file) => basename(file, ".md"));

  it("has its page in the runbook, and every page its alert", () => {
    expect(pages.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  it.each(rules)(
    "$alert says how grave it is, what it means, and where to read on",
    ({ alert, labels, annotations }) => {
      expect(labels["severity"]).toMatch(/^(critical|warning|info)$/);
      expect(annotations["summary"]).toMatch(/^[A-Z]/);
      expect(annotations["description"]).toMatch(/\.$/);
      expect(annotations["runbook_url"]).toMatch(new RegExp(`/docs/runbook/${alert}\\.md$`));
    },
  );

  it.each(rules)("$alert has a page that says what it means, how to check and how to mend", ({ alert }) => {
    const page = textOf(`docs/runbook/${alert}.md`);
    expect(page).toMatch(new RegExp(`^# ${alert}\n\n[A-Z][^]*\n## Check\n\n1\\. [^]*\n## Mend\n\n- `));
  });

  it.each(rules)("$alert fires in alerts.test.yaml, which promtool runs", ({ alert }) => {
    expect(textOf("deploy/monitoring/alerts.test.yaml")).toContain(`{alertname="${alert}"}`);
  });
});

describe("the dashboard", () => {
  it("has panels that do not lie on each other", () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it("shows what the API server counts beside what the webhook counts", () => {
    const shown = new Set(
      queries.flatMap(([, expression]) => readPromql(expression).selectors.map(({ metric }) => metric)),
    );
    expect([...shown]).toEqual(expect.arrayContaining(OF_THE_API_SERVER.map(([name]) => name)));
  });
});
