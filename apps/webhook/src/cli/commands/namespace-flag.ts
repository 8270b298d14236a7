/** The flag `--namespace`: of pods, or of the webhook itself. */
import { quoted } from "@pod-secrets/core";

import type { Config } from "../../config/schema.ts";
import { AppError } from "../../errors.ts";
import type { Invocation } from "../command.ts";

/**
 * The name of a namespace is a DNS label (RFC 1123; Kubernetes 1.36, `ValidateNamespaceName`).
 * @throws AppError `E_USAGE` for one that cannot be one
 */
export function namespaceFlag(invocation: Invocation): string | undefined {
  const text = invocation.value("namespace");
  if (text === undefined || (text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text))) return text;
  const fix = "Give at most 63 lower-case letters, digits and dashes, with no dash at either end.";
  throw new AppError("E_USAGE", `--namespace cannot be ${quoted(text)}`, fix);
}

/**
 * The webhook's own namespace, for what asks no API server: that of the flag, the configuration or `POD_NAMESPACE`.
 * @throws AppError `E_USAGE` where none is known: a guess would be for a Service that is not there
 */
export function ownNamespace(invocation: Invocation, { kubernetes }: Pick<Config, "kubernetes">): string {
  const known = namespaceFlag(invocation) ?? kubernetes.namespace ?? process.env["POD_NAMESPACE"];
  if (known !== undefined && known !== "") return known;
  throw new AppError("E_USAGE", "the namespace of the webhook is not known", "Give --namespace.");
}
