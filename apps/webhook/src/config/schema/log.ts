/** The section `log`. */
import { z } from "zod";

export const log = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error", "silent"])
      .default("info")
      .describe("The least grave line that is written."),
  })
  .prefault({})
  .describe("Logs: one JSON object per line.");

export type LogConfig = Readonly<z.output<typeof log>>;
