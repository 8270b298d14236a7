/** PromQL, read by Prometheus' own grammar. */
import { parser } from "@prometheus-io/lezer-promql";

export interface Selector {
  readonly metric: string;
  /** Names of the labels that it matches. */
  readonly labels: readonly string[];
}

export interface PromQuery {
  /** Places that are no PromQL; empty where all is well. */
  readonly faults: readonly string[];
  readonly selectors: readonly Selector[];
}

/** Reads an expression, also one of Grafana's with its variables. */
export function readPromql(expression: string): PromQuery {
  const text = expression.replaceAll("$__rate_interval", "5m");
  const faults: string[] = [];
  const selectors: { metric: string; labels: string[] }[] = [];
  const tree = parser.parse(text);
  tree.iterate({
    enter: ({ type, from, to }) => {
      const part = text.slice(from, to);
      if (type.isError) faults.push(`${text.slice(0, from)}<here>${text.slice(from)}`);
      if (type.name === "VectorSelector") selectors.push({ metric: "", labels: [] });
      const selector = selectors.at(-1);
      if (selector === undefined) return;
      if (type.name === "Identifier" && selector.metric === "") selector.metric = part;
      if (type.name === "LabelName" && isInSelector(tree.resolveInner(from, 1))) selector.labels.push(part);
    },
  });
  return { faults, selectors };
}

interface TreeNode {
  readonly name: string;
  readonly parent: TreeNode | null;
}

/** Also `by (...)` and `on (...)` name labels. */
function isInSelector(node: TreeNode): boolean {
  for (let at: TreeNode | null = node; at !== null; at = at.parent) if (at.name === "LabelMatchers") return true;
  return false;
}
