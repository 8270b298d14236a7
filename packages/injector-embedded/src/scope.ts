/**
 * Whose secrets a pod may ask for. Flyte v2 takes that from labels alone, which whoever makes the pod chooses; here they
 * are held against what that person may not choose: the namespace, and the organization of the config.
 */
import { quoted, type Injection, type InjectionContext, type Pod } from "@pod-secrets/core";

/** Which labels of a pod are believed. */
export interface ScopeOptions {
  /** The organization whose pods get secrets, or `*`. */
  readonly organization: string;
  /** Namespace of the pods of a scope, with `{project}`, `{domain}` and `{organization}` in it, or `*`. */
  readonly namespace: string;
}

/** Where a secret is kept: for one project in one domain, for a domain (no project), or for all (neither). */
export interface Scope {
  readonly organization: string;
  readonly domain: string;
  readonly project: string;
}

/** A secret of a scope. */
export interface ScopedName extends Scope {
  readonly key: string;
}

/** Stands in the options for "whatever the pod's labels say". */
const ANY = "*";

/** In the order in which Flyte v2 looks at them (`embedded_secret_manager.go`). */
const LABELS = ["organization", "project", "domain"] as const;

/** A label's value (k8s.io/apimachinery, `IsValidLabelValue`). */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Why a pod has no scope here. */
export type Unfit = Extract<Injection, { readonly outcome: "skipped" }>;

/** The scope of a pod, or why it has none. */
export function scopeOf(
  { metadata }: Pod,
  { namespace }: Pick<InjectionContext, "namespace">,
  options: ScopeOptions,
): Scope | Unfit {
  const values = new Map<string, string>();
  for (const label of LABELS) {
    const value: unknown = metadata?.labels?.[label];
    if (typeof value !== "string" || value === "")
      return { outcome: "skipped", reason: `the pod has no label ${label}` };
    // Parts of a name are joined by two of them: so no part may have two.
    if (!LABEL_VALUE.test(value) || value.includes("__"))
      return unfit(`no secret can be of ${label} ${quoted(value)}`, "Let the platform set the label, as Flyte 2 does.");
    values.set(label, value);
  }
  const [organization = "", project = "", domain = ""] = values.values();
  const scope = { organization, project, domain };
  return outside(scope, namespace, options) ?? scope;
}

function outside(scope: Scope, namespace: string, options: ScopeOptions): Unfit | undefined {
  const { organization } = scope;
  if (options.organization !== ANY && options.organization !== organization)
    return unfit(
      `the pod is of organization ${quoted(organization)}, and secrets are given to another alone`,
      "Let the platform set the label, or set `scope.organization` of the manager.",
    );
  if (options.namespace === ANY) return undefined;
  const own = options.namespace.replaceAll(
    /\{(organization|project|domain)\}/g,
    (_all, part: keyof Scope) => scope[part],
  );
  if (own === namespace) return undefined;
  return unfit(
    `pods of namespace ${quoted(namespace)} get no secrets of namespace ${quoted(own)}, which the pod's labels speak of`,
    "Create the pod in the namespace of its project and domain, or set `scope.namespace` of the manager.",
  );
}

function unfit(reason: string, fix: string): Unfit {
  return { outcome: "skipped", reason, fix };
}

/** Where a secret is looked for, the narrowest first; what is found there wins. */
export function lookupOrder(scope: Scope, key: string): readonly ScopedName[] {
  return [
    { ...scope, key },
    { ...scope, project: "", key },
    { ...scope, project: "", domain: "", key },
  ];
}

/** The name under which Flyte v2's secret service stores it (`EncodeSecretName` in `secret/utils.go`). */
export function encodedName({ organization, domain, project, key }: ScopedName): string {
  return `u__org__${organization}__domain__${domain}__project__${project}__key__${key}`;
}

const KEY = /^[A-Za-z0-9_][-A-Za-z0-9_.]*$/;

/** Whether a key can be one of these secrets: part of a name in the store, of an env var and of a path. */
export function isKey(text: string): boolean {
  return text.length <= 253 && KEY.test(text);
}
