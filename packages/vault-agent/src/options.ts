import { VAULT_AGENT, hasControlCharacters, isAnnotationKey, type Annotations } from "@pod-secrets/core";
import * as z from "zod";

import { AGENT_ANNOTATIONS, isTrue } from "./annotations.ts";

/** Letter case of the files. */
export type FileCase = "lower" | "preserve";

/** Options that all Vault injectors have. */
export interface AgentOptions {
  /** The Vault role that pods log in with, unless they name another. */
  readonly role: string;
  /** Annotations for every pod with a secret of this injector; those of the pod itself win. */
  readonly annotations: Annotations;
  readonly fileCase: FileCase;
}

/** Options that the injectors of the key-value engines add. */
export interface KeyValueOptions extends AgentOptions {
  /** Whether a secret without the asked key stops the agent. */
  readonly errorOnMissingKey: boolean;
  /** Whether a value that is null stops the agent. */
  readonly errorOnNull: boolean;
  /** Whether requests without a group version are this injector's. */
  readonly unversioned: boolean;
}

const role = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !hasControlCharacters(text), "has control characters");

const annotations = z.record(z.string(), z.string().max(65_536)).superRefine((record, check) => {
  for (const [name, value] of Object.entries(record)) {
    const fault = annotationFault(name, value);
    if (fault !== undefined) check.addIssue({ code: "custom", path: [name], message: fault });
  }
});

function annotationFault(name: string, value: string): string | undefined {
  if (!isAnnotationKey(name)) return "is no valid annotation key";
  if (hasControlCharacters(value.replaceAll(/[\t\n\r]/g, " "))) return "has control characters";
  if (name === VAULT_AGENT.inject && !isTrue(value)) return "would keep every secret from its pod";
  if (name === AGENT_ANNOTATIONS.status) return "would keep every secret from its pod";
  return undefined;
}

/** The schema of {@link AgentOptions}, field by field; its descriptions are the reference and the JSON Schema. */
export const agentOptions: {
  readonly role: z.ZodType<string>;
  readonly annotations: z.ZodType<Annotations>;
  readonly fileCase: z.ZodType<FileCase>;
} = {
  role: role
    .default("flyte")
    .describe("Vault role that a pod logs in with, unless its own annotation vault.hashicorp.com/role names another."),
  annotations: annotations
    .default({})
    .describe(
      "Annotations of the Vault Agent Injector for every pod with such a secret, such as vault.hashicorp.com/namespace. They win over those of this injector; the pod's own win over them.",
    ),
  fileCase: z
    .enum(["lower", "preserve"])
    .default("lower")
    .describe(
      "Letter case of the file. `lower`: as flytekit looks for it. `preserve`: as group and key are written, as Flyte does; flytekit does not find files with upper-case letters.",
    ),
};

/** Whether a missing key stops the agent, as a field of a schema. */
export const errorOnMissingKey: z.ZodType<boolean> = z
  .boolean()
  .default(true)
  .describe(
    "Whether a Vault secret without the asked key stops the pod. `false` as with Flyte: for a key that is an identifier the file holds the text `<no value>`.",
  );

/** Whether a value that is null stops the agent, as a field of a schema. */
export const errorOnNull: z.ZodType<boolean> = z
  .boolean()
  .default(false)
  .describe(
    "Whether a value that is `null` in Vault stops the pod, as a missing key does: then no template is Flyte's. `false` as with Flyte: for a key that is an identifier the file holds the text `<no value>`.",
  );
