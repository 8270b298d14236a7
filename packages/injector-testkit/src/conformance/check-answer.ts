/** What an injector may say: one line, short, without a control character, with a known code. */
import { ERRORS, hasControlCharacters, type Injection, type InjectorPlugin } from "@pod-secrets/core";

/** Longest message, reason, fix or warning, in characters: several of them share one line of `kubectl`. */
const MAX_MESSAGE_LENGTH = 300;

/**
 * Checks the wording of an answer.
 * @throws Error that quotes what is wrong
 */
export function checkAnswer(plugin: InjectorPlugin, answer: Injection): void {
  if (typeof answer !== "object" || answer === null)
    throw new Error(`inject returned ${String(answer)}: use injected, skipped or refused`);
  switch (answer.outcome) {
    case "injected":
      for (const warning of answer.warnings ?? []) checkLine("warning", warning);
      return;
    case "skipped":
      checkLine("reason", answer.reason);
      if (answer.fix !== undefined) checkFix(answer.fix);
      return;
    case "refused":
      checkCode(plugin, answer.code);
      checkLine("message", answer.message);
      checkFix(answer.fix);
      return;
    default:
      throw new Error(
        `the outcome is ${JSON.stringify((answer as { outcome: unknown }).outcome)}: use injected, skipped or refused`,
      );
  }
}

/** Checks the wording of a warning that `warn` of the context is told. */
export function checkWarning(warning: string): void {
  checkLine("warning", warning);
}

function checkCode({ name, errors = {} }: InjectorPlugin, code: string): void {
  if (Object.hasOwn(ERRORS, code) || (Object.hasOwn(errors, code) && code.startsWith(`${name}/`))) return;
  throw new Error(`${code} is no code of core's catalogue, and not declared in the plugin's errors as "${name}/..."`);
}

function checkFix(fix: string): void {
  checkLine("fix", fix);
  if (!fix.endsWith(".")) throw new Error(`the fix is no full sentence, with a full stop: ${JSON.stringify(fix)}`);
}

// Bidi marks, zero-width characters, line separators: what could forge or hide text in a log.
const INVISIBLE = /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

function checkLine(what: string, text: string): void {
  const shown = JSON.stringify(text.slice(0, 120));
  if (text.trim() === "") throw new Error(`the ${what} is empty`);
  if (text.length > MAX_MESSAGE_LENGTH)
    throw new Error(`the ${what} takes ${text.length} characters, and ${MAX_MESSAGE_LENGTH} are allowed: ${shown}`);
  if (hasControlCharacters(text) || INVISIBLE.test(text))
    throw new Error(
      `the ${what} holds a line break or another invisible character; put user text through quoted(): ${shown}`,
    );
}
