/** What a request to the API server is made with, wherever it comes from. */
import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";

import { AppError } from "../errors.ts";

/** Agent, CA, certificate and headers of a request. */
export interface AuthorizedOptions extends Omit<RequestOptions, "headers"> {
  readonly headers?: OutgoingHttpHeaders;
}

export interface Credentials {
  /** `https://host:port`, perhaps with a path before those of the API. */
  readonly server: URL;
  /** That of the kubeconfig's context; a service account has its own in a file beside. */
  readonly namespace: string | undefined;
  /** May read files, or run the kubeconfig's command. */
  options(): Promise<AuthorizedOptions>;
}

/** A kubeconfig, or a service account, that cannot be used. */
export function unusableCredentials(message: string, fix?: string): AppError {
  return new AppError("E_KUBECONFIG", message, fix);
}
