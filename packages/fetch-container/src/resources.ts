/** CPU and memory of an init container that an option sets. */
import type { Container } from "@pod-secrets/core";
import * as z from "zod";

/** CPU and memory of a container, as Kubernetes quantities. */
export interface Resources {
  readonly requests?: Readonly<Record<string, string | number>> | undefined;
  readonly limits?: Readonly<Record<string, string | number>> | undefined;
}

// k8s.io/apimachinery/pkg/api/resource, without a sign: a negative amount is refused later anyway.
const QUANTITY = /^[0-9]{1,18}(\.[0-9]{1,9})?([eE][0-9]{1,2}|[numkMGTPE]|[KMGTPE]i)?$/;

const quantities = z.record(z.string().max(253), z.union([z.string().regex(QUANTITY), z.number().nonnegative()]));

/** Schema of an amount of memory, as text. */
export const memory: z.ZodString = z
  .string()
  .regex(/^[1-9][0-9]{0,17}([kMGTPE]|[KMGTPE]i)?$/, "is no amount of memory");

/** Schema of {@link Resources}. */
export const resources: z.ZodType<Resources> = z.strictObject({
  requests: quantities.optional().describe("What the container is sure to get."),
  limits: quantities.optional().describe("What the container may take at most."),
});

/** Resources as a container has them: quantities are texts. */
export function toQuantities({ limits, requests }: Resources): NonNullable<Container["resources"]> {
  const texts = (list: Readonly<Record<string, string | number>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, String(amount)]));
  return {
    ...(limits === undefined ? {} : { limits: texts(limits) }),
    ...(requests === undefined ? {} : { requests: texts(requests) }),
  };
}
