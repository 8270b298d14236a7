import type { AppErrorCode } from "../errors.ts";

/**
 * How a command ends, for scripts and for Kubernetes' `terminated.exitCode`. The one table: help, documents
 * and tests are drawn from it.
 */
export const EXIT_CODES = {
  done: { code: 0, meaning: "done, also when there was nothing to do" },
  refused: { code: 1, meaning: "a pod was refused" },
  misuse: { code: 2, meaning: "wrong use, an input that cannot be read, or a wrong configuration" },
  certificate: { code: 3, meaning: "the certificate cannot be read or does not fit" },
  port: { code: 4, meaning: "a port cannot be opened" },
  kubeconfig: { code: 5, meaning: "the kubeconfig or service account cannot be used" },
  unreachable: { code: 6, meaning: "the API server cannot be reached" },
  forbidden: { code: 7, meaning: "the API server does not permit what is needed" },
  kubernetes: { code: 8, meaning: "the API server refused" },
  owner: { code: 9, meaning: "the registration belongs to another installation" },
  internal: { code: 70, meaning: "a fault of pod-secrets itself, or an error of an injector that nobody handled" },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

export type ExitCodeName = keyof typeof EXIT_CODES;

/** How a command ends that an error stopped. */
export function exitOf(code: AppErrorCode): ExitCodeName {
  return OTHER_EXITS.get(code) ?? "misuse";
}

const OTHER_EXITS: ReadonlyMap<AppErrorCode, ExitCodeName> = new Map([
  ["E_CERTIFICATE", "certificate"],
  ["E_CERTIFICATE_SECRET", "certificate"],
  ["E_CLIENT_CA", "certificate"],
  ["E_PORT", "port"],
  ["E_KUBECONFIG", "kubeconfig"],
  ["E_KUBERNETES_UNREACHABLE", "unreachable"],
  ["E_KUBERNETES_FORBIDDEN", "forbidden"],
  ["E_KUBERNETES", "kubernetes"],
  ["E_REGISTRATION_OWNER", "owner"],
  ["E_INTERNAL", "internal"],
]);

/** What a command that does several things ends with: a wrong input outranks a refused pod. */
export function worseExit(left: ExitCodeName, right: ExitCodeName): ExitCodeName {
  return EXIT_CODES[left].code >= EXIT_CODES[right].code ? left : right;
}
