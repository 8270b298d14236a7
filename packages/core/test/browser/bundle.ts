import { rolldown, type OutputChunk } from "rolldown";

/** Core and all that it imports as one script for a browser, which leaves its exports in the global `core`. */
export async function bundleForBrowser(): Promise<OutputChunk> {
  const bundle = await rolldown({
    input: new URL("../../src/index.ts", import.meta.url).pathname,
    platform: "browser",
    // A module of Node stays an import, with a warning: the test says which.
    onLog: () => {},
  });
  try {
    const { output } = await bundle.generate({ format: "iife", name: "core" });
    return output[0];
  } finally {
    await bundle.close();
  }
}
