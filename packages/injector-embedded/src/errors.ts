import type { ErrorEntry, InjectorErrorCode } from "@pod-secrets/core";

/**
 * Why a secret is refused although the store may have it. None of these lets the next manager be asked: it might give
 * the pod another secret of that name.
 */
export const EMBEDDED_ERRORS = {
  "embedded/denied": {
    summary: "The store refuses the secret to the webhook",
    why: "The webhook has no identity that the store knows, or one that may not read the secret.",
    fix: "Give the webhook's identity the right to read the store, as the README of the manager says.",
  },
  "embedded/unavailable": {
    summary: "The store cannot be read",
    why: "It cannot be reached, asks for fewer calls, is not who it should be, or answers what makes no sense.",
    fix: "Check the store and the network policies on the way from the webhook to it, then create the pod again.",
  },
  "embedded/timeout": {
    summary: "The store did not answer in time",
    why: "A read has a time limit, and all reads for one pod together have one, so that an admission ends long before the API server gives up.",
    fix: "Create the pod again; when it happens often, see why the store is slow, or raise the limits of `reads`.",
  },
  "embedded/paused": {
    summary: "The store is not asked for now",
    why: "It failed several times in a row, so it is left alone for a while: pods that need it are refused at once, and nobody else waits.",
    fix: "See in the log of the webhook why the store fails; it is tried again by itself.",
  },
  "embedded/busy": {
    summary: "Too many reads are under way",
    why: "The number of reads at once is bounded, and the others wait for their turn no longer than a read may take.",
    fix: "Create the pod again; when it happens often, raise `reads.atOnce` or the time that values are kept.",
  },
  "embedded/unusable-value": {
    summary: "The store has the secret, but not in a form that a pod can get",
    why: "It is switched off, or no text that an env var can hold, or not stored as Flyte's secret service stores it.",
    fix: "Store the secret anew, or ask for it as FILE when it is no text.",
  },
  "embedded/not-in-a-cluster": {
    summary: "Values are not read for a command",
    why: "This manager puts values into the pod, so a command that shows pods would show them.",
    fix: "Create the pod in the cluster with `--dry-run=server`, or leave this manager out of the config that the command reads.",
  },
} as const satisfies Readonly<Record<InjectorErrorCode, ErrorEntry>>;

export type EmbeddedErrorCode = keyof typeof EMBEDDED_ERRORS;
