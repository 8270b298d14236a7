import type { Config } from "../config/schema.ts";
import { AppError } from "../errors.ts";

/** What more can be said of an error that ends a start; what finds it out is loaded then. */
export async function ofFailedStart(error: unknown, config: Config): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== "E_KUBERNETES_FORBIDDEN") return error;
  const { namingAllMissing } = await import("./missing-permissions.ts");
  return namingAllMissing(error, config);
}
