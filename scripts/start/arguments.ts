/** What `npm start -- ARGS` was asked for. */
import { quoted } from "../../packages/core/src/index.ts";

export type Asked =
  | { readonly kind: "run"; readonly isOnce: boolean }
  | { readonly kind: "say"; readonly text: string; readonly exit: 0 | 2 };

const HELP = `Usage: npm start -- [--once]

The real webhook on this machine, and the example pods sent to it as the API server would.

  --once  End after the examples: 0 when every answer is what the example expects, else 1.
  --help  This text.
`;

/** Anything unknown is refused: a misspelt --once would serve on. */
export function readArguments(args: readonly string[]): Asked {
  if (args.includes("--help") || args.includes("-h")) return { kind: "say", text: HELP, exit: 0 };
  const unknown = args.find((arg) => arg !== "--once");
  if (unknown === undefined) return { kind: "run", isOnce: args.length > 0 };
  const text = `npm start: unknown argument ${quoted(unknown)}. Fix: Give --once, --help or nothing.\n`;
  return { kind: "say", text, exit: 2 };
}
