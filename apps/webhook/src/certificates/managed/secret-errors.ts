/** What stands between the webhook and the Secret of its certificate, as errors that end a command. */
import { quoted } from "@pod-secrets/core";

import { AppError } from "../../errors.ts";
import { kubernetesAppError } from "../../kubernetes/app-errors.ts";
import type { KubernetesError } from "../../kubernetes/kubernetes-client.ts";

interface Place {
  readonly namespace: string;
  /** Its name. */
  readonly secret: string;
}

/** A call for the Secret failed in a way that waiting does not mend. */
export function accessError({ namespace, secret }: Place, error: KubernetesError): AppError {
  const doing = `reading and writing Secret ${quoted(`${namespace}/${secret}`, 320)}`;
  return kubernetesAppError(error, doing, fixFor({ namespace, secret }, error));
}

function fixFor({ namespace, secret }: Place, { failure }: KubernetesError): string | undefined {
  switch (failure) {
    case "forbidden":
      return `Allow this user to get, list, watch, update and delete the Secret ${secret}, and to create Secrets, in namespace ${namespace}.`;
    // A Secret that is not there is made: what is missing is its namespace.
    case "not-found":
      return `Create namespace ${namespace}, or correct \`kubernetes.namespace\` or what --namespace says.`;
    default:
      return undefined;
  }
}

export function foreignSecret({ namespace, secret }: Place, by: string): AppError {
  return new AppError("E_CERTIFICATE_SECRET", `Secret ${quoted(`${namespace}/${secret}`, 320)} is written by ${by}`);
}
