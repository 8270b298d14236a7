/** What this machine may lack, and tests that are skipped for it. */
import type { TestOptions } from "vitest";

/** Whether something can run on this machine; if not, why, and what to do about it. */
export type Support =
  | { readonly kind: "supported" }
  | { readonly kind: "unsupported"; readonly reason: string; readonly fix: string };

declare module "vitest" {
  interface TaskMeta {
    /** Why a test is skipped that is never started: what `context.skip("why")` is for others. */
    skipReason?: string;
  }
}

/**
 * Options of a test, or of a `describe` with all its tests and hooks: they are skipped where something is missing, and
 * scripts/vitest-report.ts says why.
 */
export function needing(...supports: readonly Support[]): TestOptions {
  const lacking = supports.filter((support) => support.kind === "unsupported");
  if (lacking.length === 0) return {};
  const skipReason = lacking.map(({ reason, fix }) => `${reason}. ${fix}`).join(" ");
  // For who runs vitest without that report.
  console.warn(`Skipped: ${skipReason}`);
  return { skip: true, meta: { skipReason } };
}
