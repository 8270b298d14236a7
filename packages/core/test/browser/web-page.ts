/** A script context like that of a web page: the language, the functions of the web, and nothing of Node. */
import { createContext, runInContext } from "node:vm";

/** What core may use, as it stands in the HTML, Encoding and URL standards. */
const WEB_GLOBALS = {
  TextEncoder,
  TextDecoder,
  Uint8Array,
  btoa,
  setTimeout,
  clearTimeout,
  structuredClone,
} as const;

/** What it may not: Node, and whatever reads or sends something, or differs from run to run. */
const FORBIDDEN = [
  ...["process", "require", "module", "exports", "Buffer", "global", "__dirname", "__filename", "setImmediate"],
  ...["fetch", "XMLHttpRequest", "WebSocket", "navigator", "document", "localStorage", "indexedDB", "crypto"],
] as const;

export interface WebPage {
  /** Runs a script in it; a promise is one of the page. */
  run(script: string): unknown;
  /** Forbidden globals that scripts looked at so far, also those that they only asked the type of. */
  readonly touched: ReadonlySet<string>;
}

export function openWebPage(): WebPage {
  const touched = new Set<string>();
  const page: object = { ...WEB_GLOBALS };
  for (const name of FORBIDDEN) {
    const get = (): undefined => void touched.add(name);
    Object.defineProperty(page, name, { get, configurable: true });
  }
  // A page with a strict content security policy makes no code from text.
  const context = createContext(page, { codeGeneration: { strings: false, wasm: false } });
  return { run: (script) => runInContext(script, context) as unknown, touched };
}
