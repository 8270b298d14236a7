/** The end of an injector. */
import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import type { Check, Subject } from "./cases.ts";
import { withInjector } from "./scenarios.ts";

export const LIFECYCLE_CHECKS: readonly Check[] = [
  {
    id: "lifecycle/dispose",
    title: "leaves no timer, watcher or connection behind when it is disposed of",
    run: checkDispose,
  },
];

/** Resources of the event loop that stay until somebody closes them. */
const LASTING: ReadonlySet<string> = new Set([
  ...["Timeout", "FSEVENTWRAP", "STATWATCHER", "FILEHANDLE", "WORKER", "PROCESSWRAP", "PIPEWRAP"],
  ...["TCPWRAP", "TCPSERVERWRAP", "TLSWRAP", "UDPWRAP", "HTTPCLIENTREQUEST"],
]);

/** Handles are closed in later turns of the event loop; this long, in milliseconds, they may take. */
const PATIENCE = 1000;

async function checkDispose(subject: Subject): Promise<void> {
  const inside = new AsyncLocalStorage<true>();
  const open = new Map<number, string>();
  const hook = createHook({
    init: (id, type) => {
      if (inside.getStore() === true && LASTING.has(type)) open.set(id, type);
    },
    destroy: (id) => {
      open.delete(id);
    },
  }).enable();
  try {
    await inside.run(true, () => withInjector(subject, async () => {}));
    const end = Date.now() + PATIENCE;
    while (open.size > 0 && Date.now() < end) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until they are closed
      await sleep(10);
    }
  } finally {
    hook.disable();
  }
  if (open.size > 0)
    throw new Error(
      `after dispose these are still open: ${[...new Set(open.values())].join(", ")}; stop them in dispose, or when host.signal aborts`,
    );
}
