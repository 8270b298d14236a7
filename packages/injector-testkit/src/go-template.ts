/**
 * Where user text stands in a Go template (`text/template`): only string literals inside actions are safe.
 * A scanner and no parser: it splits, and does not judge.
 */

/** A template taken apart. */
export interface TemplateParts {
  /** Text outside of actions. */
  readonly text: readonly string[];
  /** Code inside actions, without what stands in string literals. */
  readonly code: readonly string[];
  /** What stands between the quotes of string literals, escapes as they are. */
  readonly literals: readonly string[];
  /** Whether an action or a literal has no end. */
  readonly broken: boolean;
}

const LITERAL = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'/y;

/** Takes a Go template apart. */
export function splitTemplate(template: string): TemplateParts {
  const text: string[] = [];
  const code: string[] = [];
  const literals: string[] = [];
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf("{{", at);
    if (open === -1) break;
    text.push(template.slice(at, open));
    let action = "";
    at = open + 2;
    while (!template.startsWith("}}", at)) {
      if (at >= template.length) return { text, code: [...code, action], literals, broken: true };
      LITERAL.lastIndex = at;
      const literal = LITERAL.exec(template)?.[0];
      const isQuote = template[at] === '"' || template[at] === "`" || template[at] === "'";
      if (literal === undefined && isQuote) return { text, code: [...code, action], literals, broken: true };
      if (literal === undefined) action += template[at];
      else literals.push(literal.slice(1, -1));
      at += literal?.length ?? 1;
    }
    code.push(action);
    at += 2;
  }
  return { text: [...text, template.slice(at)], code, literals, broken: false };
}
