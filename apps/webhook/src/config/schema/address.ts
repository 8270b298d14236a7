/** Where a server listens. */
import { z } from "zod";

export const host = z.string().min(1).max(253).default("0.0.0.0");

/**
 * @param what a sentence
 * @param standard the port that holds when none is given
 */
export function port(what: string, standard: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(0).max(65_535).default(standard).describe(`${what} 0 takes a free one.`);
}
