/** A failed call of the API as an error that ends a command. */
import { AppError, type AppErrorCode } from "../errors.ts";
import type { KubernetesError, KubernetesFailure } from "./kubernetes-client.ts";

const CODES: Readonly<Partial<Record<KubernetesFailure, AppErrorCode>>> = {
  unauthorized: "E_KUBECONFIG",
  untrusted: "E_KUBECONFIG",
  forbidden: "E_KUBERNETES_FORBIDDEN",
  unreachable: "E_KUBERNETES_UNREACHABLE",
  unavailable: "E_KUBERNETES_UNREACHABLE",
};

/**
 * @param doing what the call was for, such as `registering the webhook`
 * @param fix instead of the catalogue's
 */
export function kubernetesAppError(error: KubernetesError, doing: string, fix?: string): AppError {
  return new AppError(CODES[error.failure] ?? "E_KUBERNETES", `${doing} failed: ${error.message}`, fix);
}

/** Whether the same call may succeed later without anybody's doing. */
export function isPassing({ failure }: KubernetesError): boolean {
  return failure === "unreachable" || failure === "unavailable" || failure === "conflict";
}
