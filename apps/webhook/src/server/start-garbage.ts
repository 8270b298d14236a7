/** What the start leaves behind: a webhook at rest allocates too little for V8 to look for it by itself. */

/**
 * Collects it, where Node was started with `--expose-gc`, as in the image: some tens of milliseconds, spent before the
 * replica is ready rather than while it answers.
 */
export function collectStartGarbage(): void {
  globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
}
