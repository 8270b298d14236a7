/**
 * The name rules of Kubernetes that user text is held against before it goes anywhere.
 * Source: k8s.io/apimachinery/pkg/util/validation (1.36), where the function is named beside each rule.
 */

/** Longest DNS-1123 label, and so longest volume and container name (`IsDNS1123Label`). */
export const MAX_DNS_LABEL = 63;
/** Longest DNS-1123 subdomain, and so longest Secret name (`IsDNS1123Subdomain`), and longest data key (`IsConfigMapKey`). */
const MAX_DNS_SUBDOMAIN = 253;

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const RELAXED_ENV_NAME = /^[ -<>-~]+$/;
const C_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A volume or container name. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_DNS_LABEL && DNS_LABEL.test(text);
}

/** Name of a Secret, a ConfigMap and most other objects. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= MAX_DNS_SUBDOMAIN && DNS_SUBDOMAIN.test(text);
}

/** Key in the data of a Secret or ConfigMap (`IsConfigMapKey`): `.` and what starts with `..` are reserved. */
export function isConfigKey(text: string): boolean {
  return text.length <= MAX_DNS_SUBDOMAIN && CONFIG_KEY.test(text) && text !== "." && !text.startsWith("..");
}

/**
 * Env var name that every API server takes (`IsEnvVarName`). Since 1.32 any printable ASCII but `=` passes,
 * but older servers refuse that, and shells cannot read it.
 */
export function isEnvName(text: string): boolean {
  return text.length <= 1024 && ENV_NAME.test(text) && text !== "." && !text.startsWith("..");
}

/**
 * Env var name that API servers take since 1.34, for certain (`IsRelaxedEnvVarName`): printable ASCII but `=`. For
 * variables that older ones do not take anyway.
 */
export function isRelaxedEnvName(text: string): boolean {
  return text.length <= 1024 && RELAXED_ENV_NAME.test(text);
}

/** Identifier as in C and in Go templates' field names. */
export function isIdentifier(text: string): boolean {
  return text.length <= 1024 && C_IDENTIFIER.test(text);
}

/** Annotation or label key (`IsQualifiedName`): an optional DNS prefix, a slash, and a name of at most 63 characters. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf("/");
  const name = text.slice(slash + 1);
  if (name.length > MAX_DNS_LABEL || !QUALIFIED_NAME.test(name)) return false;
  return slash === -1 || isDnsSubdomain(text.slice(0, slash));
}

/** Annotation key: a qualified name, but upper case is allowed in the prefix too (`ValidateAnnotations`). */
export function isAnnotationKey(text: string): boolean {
  return text.length <= MAX_DNS_SUBDOMAIN + 1 + MAX_DNS_LABEL && isQualifiedName(text.toLowerCase());
}

/** Whether the text holds a control character, a NUL, or a lone surrogate (which cannot be UTF-8). */
export function hasControlCharacters(text: string): boolean {
  return CONTROL.test(text) || !text.isWellFormed();
}
