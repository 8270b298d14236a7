/** Kinds of stores, as options name them; Flyte v2 has the same (`embeddedSecretManagerConfig.type`). */
export const STORE_TYPES = ["k8s", "aws", "gcp", "azure"] as const;
export type StoreType = (typeof STORE_TYPES)[number];
