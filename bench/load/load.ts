/** The load generator as the bench sees it. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { LOAD_CORE, pinned } from "../measured-process.ts";
import type { LoadOrder, LoadReport } from "./worker.ts";

export interface Load {
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): void;
}

export function startLoad(cores: number): Load {
  const command = [process.execPath, join(import.meta.dirname, "worker.ts")];
  const [program = "", ...args] = cores > 1 ? pinned(LOAD_CORE, command) : command;
  const child: ChildProcess = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return {
    run: async (order) => {
      child.send(order);
      const [answer] = (await once(child, "message")) as [{ report?: LoadReport; error?: string }];
      if (answer.report === undefined) throw new Error(answer.error);
      return answer.report;
    },
    stop: () => child.disconnect(),
  };
}
