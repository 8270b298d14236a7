/** A label selector of Kubernetes (meta/v1 `LabelSelector`). */
import { z } from "zod";

const key = z
  .string()
  .max(317)
  .regex(
    /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    "must be the name of a label",
  );
const value = z
  .string()
  .max(63)
  .regex(
    /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
    "must be the value of a label: letters, digits, `-`, `_` and `.`",
  );

const requirement = z
  .strictObject({
    key: key.describe("Name of the label."),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("How it is compared."),
    values: z.array(value).max(256).optional().describe("With `In` and `NotIn`."),
  })
  .superRefine(({ operator, values }, check) => {
    const needsValues = operator === "In" || operator === "NotIn";
    const hasValues = values !== undefined && values.length > 0;
    if (needsValues !== hasValues)
      check.addIssue({
        code: "custom",
        path: ["values"],
        message: needsValues ? `is needed by operator ${operator}` : `must not be there with operator ${operator}`,
        params: { fix: needsValues ? "Write a list of values." : "Remove it, or choose In or NotIn." },
      });
  });

export const labelSelector = z.strictObject({
  matchLabels: z.record(key, value).optional().describe("Labels that must have these values."),
  matchExpressions: z.array(requirement).max(64).optional().describe("Further conditions; all must hold."),
});
