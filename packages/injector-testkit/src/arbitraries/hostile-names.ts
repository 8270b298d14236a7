/** Names that try to be something else: a path, a template, a command, an object's prototype. */
import fc from "fast-check";

/**
 * Stands in every hostile name that can hold it. Where it turns up, user text turned up. Lower case, so that
 * it survives both upper- and lower-casing up to a comparison without case.
 */
export const CANARY = "zq7canary";

/** Names that have hurt somebody before. */
export const HOSTILE_NAMES: readonly string[] = [
  // Paths
  ...["..", ".", "/", "//", `../${CANARY}`, `../../etc/${CANARY}`, `/etc/${CANARY}`, `a/../../${CANARY}`],
  ...[`${CANARY}/..`, `${CANARY}/.`, `${CANARY}//x`, `./${CANARY}`, `..\\${CANARY}`, `%2e%2e/${CANARY}`],
  ...[`..${CANARY}`, `．．/${CANARY}`, `~/${CANARY}`],
  // Characters that end, hide or forge text
  ...[`${CANARY}\0`, `\0${CANARY}`, `${CANARY}\nX=1`, `${CANARY}\r\nX: 1`, `${CANARY}\u001b[2J`, `${CANARY}\u0007`],
  ...[`${CANARY}\u2028x`, `${CANARY}\u202ex`, `\ufeff${CANARY}`, `${CANARY}\u0085`, `${CANARY}\u200b`],
  // Lone surrogates, letters whose case changes their length
  ...[`${CANARY}\ud800`, `\udfff${CANARY}`, "\ud800", `${CANARY}ß`, `İ${CANARY}`, `${CANARY}ŉ`, `Σ${CANARY}Σ`],
  // Templates
  ...[`}}${CANARY}`, `{{${CANARY}}}`, `"}}${CANARY}{{"`, `\`}}${CANARY}{{\``, `'}}${CANARY}{{'`, `${CANARY}"`],
  ...[`${CANARY}\\`, `${CANARY}\\"}}`, `{{- ${CANARY} -}}`, `\${${CANARY}}`, `<%= ${CANARY} %>`, `{{env "${CANARY}"}}`],
  // Shells, and the kubelet's own expansion
  ...[`$(${CANARY})`, `$$(${CANARY})`, `$$$(${CANARY})`, `\`${CANARY}\``, `; ${CANARY}`, `| ${CANARY}`, `& ${CANARY}`],
  ...[`' ${CANARY} '`, `" ${CANARY} "`, `-${CANARY}`, `--${CANARY}`, `*${CANARY}`, `${CANARY} ${CANARY}`, `#${CANARY}`],
  // Names that JavaScript and YAML know
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "null", "true", "0", "-1", "1e9", "NaN"],
  // Env vars that start programs
  ...["PATH", "LD_PRELOAD", "NODE_OPTIONS", "PYTHONPATH", "BASH_ENV", "KUBERNETES_SERVICE_HOST"],
  // Length
  ...[CANARY.repeat(1200), `${"a".repeat(254)}${CANARY}`, "ä".repeat(5000), `${"x/".repeat(5000)}${CANARY}`, " "],
];

/** Names of which a shell makes more than the name: no script may have them. */
export const SHELL_NAMES: readonly string[] = [
  "x;id",
  "x id",
  "$(id)",
  "`id`",
  "x|id",
  "x&id",
  "x>y",
  "x\nid",
  "'x'",
  '"x"',
  "x\\",
  "*",
  "~",
  "{a,b}",
  "x#y",
];

/** One of {@link HOSTILE_NAMES}, several in one, or random text with the canary in it. */
export function hostileName(): fc.Arbitrary<string> {
  const known = fc.constantFrom(...HOSTILE_NAMES);
  const random = fc
    .tuple(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit: "binary", maxLength: 12 }))
    .map(([before, after]) => `${before}${CANARY}${after}`);
  const joined = fc.tuple(known, fc.constantFrom("", "/", " ", ".", "-"), known).map((parts) => parts.join(""));
  return fc.oneof({ arbitrary: known, weight: 3 }, { arbitrary: random, weight: 2 }, { arbitrary: joined, weight: 1 });
}
