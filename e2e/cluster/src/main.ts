/** `npm run cluster`: a Kubernetes for developers. */
import { constants } from "node:os";

import { HELP, readArguments, type Asked } from "./cli/arguments.ts";
import { ClusterError } from "./errors.ts";
import { sayOnStandardError as say } from "./progress.ts";

const EXIT = { done: 0, failed: 1, usage: 2, internal: 70 } as const;

function print(text: string): void {
  process.stdout.write(text);
}

/** Each command loads what it needs: most need no certificate. */
async function dispatch(asked: Asked): Promise<number> {
  switch (asked.kind) {
    case "help":
      print(HELP);
      return EXIT.done;
    case "up": {
      const { up } = await import("./cli/up.ts");
      return await untilSignal((signal) => up({ hasNode: asked.hasNode, say, print, signal }));
    }
    case "down":
      return await (await import("./cli/down.ts")).down(say);
    case "status":
      return (await import("./cli/status.ts")).status(print);
    case "kubectl":
      return await (await import("./cli/kubectl.ts")).kubectl(asked.args);
    case "helm":
      return await (await import("./cli/helm.ts")).helm(asked.args);
    case "image":
      return await (await import("./cli/image.ts")).image(asked.program, asked.name, say);
    case "load-image":
      await (await import("./cli/load-image.ts")).loadImage(asked.file);
      return EXIT.done;
  }
}

/** Ctrl-C, or being told to end, stops the work and lets it clean up. */
async function untilSignal(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let code: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      code = 128 + constants.signals[signal];
      controller.abort();
    });
  }
  try {
    return await work(controller.signal);
  } catch (error) {
    if (code === undefined) throw error;
    say("Stopped; everything is cleaned up.");
    return code;
  }
}

function explain(error: unknown): number {
  if (!(error instanceof ClusterError)) {
    say(`npm run cluster: ${error instanceof Error ? error.stack : String(error)}`);
    return EXIT.internal;
  }
  say(`npm run cluster: ${error.message}`);
  return error.code === "E_CLUSTER_USAGE" ? EXIT.usage : EXIT.failed;
}

try {
  process.exitCode = await dispatch(readArguments(process.argv.slice(2)));
} catch (error) {
  process.exitCode = explain(error);
}
