import { imageName, resources, type Resources } from "@pod-secrets/fetch-container";
import * as z from "zod";

import type { ScopeOptions } from "./scope.ts";
import { STORE_TYPES, type StoreType } from "./stores/types.ts";

/** Where the secrets are. */
export interface StoreOptions {
  readonly type: StoreType;
  /** Those of its provider, by whose schema they are checked. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** How long the store's answers are kept. */
export interface CacheOptions {
  readonly seconds: number;
  readonly absentSeconds: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What bounds the reads of the store. */
export interface ReadOptions {
  readonly timeoutSeconds: number;
  readonly budgetSeconds: number;
  readonly atOnce: number;
  readonly failures: number;
  readonly pauseSeconds: number;
}

/** The init container that makes files of the values that it is given, as Flyte v2 has it. */
export interface UnpackerOptions {
  readonly name: string;
  readonly image: string;
  readonly resources: Resources;
  readonly runAsUser: number;
}

/** Options of the manager in the config file. */
export interface EmbeddedOptions {
  /** Says that the values may stand in pods. */
  readonly accept: "values-in-pods";
  readonly store: StoreOptions;
  readonly scope: ScopeOptions;
  readonly cache: CacheOptions;
  readonly reads: ReadOptions;
  readonly unpacker: UnpackerOptions;
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const store: z.ZodType<StoreOptions> = z
  .strictObject({
    type: z
      .enum(STORE_TYPES)
      .describe(
        "Kind of the store: Kubernetes Secrets of one namespace, AWS Secrets Manager, Google Cloud Secret Manager, Azure Key Vault.",
      ),
    settings: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        "Settings of the store: those of its provider in docs/fetch.md, and for `k8s` those in the README of the manager. The identity is that of the webhook's own pod.",
      ),
  })
  .superRefine(async ({ type, settings }, context) => {
    // Whoever does not use this manager does not load the clients of four stores.
    const { settingsFaults } = await import("./stores/kinds.ts");
    for (const { path, message, params } of await settingsFaults(type, settings))
      context.addIssue({ code: "custom", path: ["settings", ...path], message, params });
  });

const scope: z.ZodType<ScopeOptions> = z.strictObject({
  organization: z
    .string()
    .regex(/^(\*|[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/, "is neither `*` nor the value of a label")
    .default("flyte")
    .describe("Organization whose pods get secrets, by their label. `*`: whichever the label names."),
  namespace: z
    .string()
    .regex(
      /^(\*|([a-z0-9-]|\{organization\}|\{project\}|\{domain\}){1,253})$/,
      "is neither `*` nor a pattern such as `{project}-{domain}`",
    )
    .default("{project}-{domain}")
    .describe(
      "Namespace that a pod has to be in to get the secrets of the project and domain that its labels name. `*`: any, as with Flyte, so whoever may create a pod anywhere may read every secret.",
    ),
});

const cache: z.ZodType<CacheOptions> = z.strictObject({
  seconds: z.int().min(0).max(86_400).default(60).describe("Seconds that a value is kept. 0: not at all."),
  absentSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(10)
    .describe("Seconds that is kept that there is no such secret. 0: not at all."),
  entries: z.int().min(1).max(1_000_000).default(10_000).describe("Most answers that are kept."),
  bytes: z.int().min(0).max(1_073_741_824).default(16_777_216).describe("Most bytes of values that are kept."),
});

const reads: z.ZodType<ReadOptions> = z.strictObject({
  timeoutSeconds: z.number().min(0.1).max(30).default(2).describe("Seconds for one read of the store."),
  budgetSeconds: z
    .number()
    .min(0.1)
    .max(30)
    .default(3)
    .describe("Seconds for all reads of one pod. Well below the `timeoutSeconds` of the registration."),
  atOnce: z
    .int()
    .min(1)
    .max(64)
    .default(32)
    .describe("Most reads at once; others wait for their turn, for `timeoutSeconds` at most."),
  failures: z.int().min(1).max(1000).default(5).describe("So many failures in a row, and the store is left alone."),
  pauseSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(10)
    .describe("Seconds that it is left alone, before one read tries it."),
});

// As Flyte v2 has it (`embedded_secret_manager.go`).
const AMOUNT = { cpu: "100m", memory: "100Mi" };
const FLYTE_UNPACKER = {
  name: "init-embedded-secret",
  image: "public.ecr.aws/docker/library/busybox:latest",
  resources: { requests: AMOUNT, limits: AMOUNT },
  runAsUser: 65_532,
};

const unpacker: z.ZodType<UnpackerOptions> = z.strictObject({
  name: z
    .string()
    .regex(DNS_LABEL, "is no container name")
    .default(FLYTE_UNPACKER.name)
    .describe("Name of the container."),
  image: imageName.default(FLYTE_UNPACKER.image).describe("Image with `sh`, `mkdir` and `base64`."),
  resources: resources.default(FLYTE_UNPACKER.resources).describe("Resources of the container, as in a pod."),
  runAsUser: z.int().min(1).max(2_147_483_647).default(FLYTE_UNPACKER.runAsUser).describe("User id of the process."),
});

/** Schema of {@link EmbeddedOptions}; its descriptions are the reference and the JSON Schema. */
export const embeddedOptions: z.ZodType<EmbeddedOptions> = z.strictObject({
  accept: z
    .literal("values-in-pods")
    .describe(
      "Must be `values-in-pods`: the values stand in the pods' specs, so in etcd, and whoever may read pods reads them.",
    ),
  store: store.describe("Where the secrets are, by `type`."),
  scope: scope.prefault({}).describe("Which labels of a pod are believed."),
  cache: cache.prefault({}).describe("How long the store's answers are kept, in the memory of each replica."),
  reads: reads.prefault({}).describe("What bounds the reads of the store, and so the admission."),
  unpacker: unpacker.prefault({}).describe("The init container that makes files of the values."),
});
