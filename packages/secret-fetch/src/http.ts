/** The port through which providers reach their stores. */

/** One exchange. Redirects are not followed: a token would go to wherever the answer points. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** `http:` or `https:`, without user and password. */
  readonly url: URL;
  /** Without `Host` and `Content-Length`, which follow from `url` and `body`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the exchange. */
  readonly signal: AbortSignal;
  /** PEM file of the authorities that are trusted in place of Node's own, such as a mounted ConfigMap. */
  readonly caFile?: string | undefined;
  /** Longest body of the answer; 1 MiB when left out. */
  readonly maxBytes?: number;
}

/** An answer that arrived whole, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; of several of one name, all joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * Sends a request and reads the whole answer.
 * @throws FetchFailure `unavailable` without a connection, or when it breaks before the answer is whole; `timeout`
 * when the signal ends it; `untrusted` for a certificate that does not fit; `invalid-answer` for a body that is too
 * long or no HTTP; `wrong-request` for a `caFile` or a proxy that cannot be read, and for a header that cannot be sent.
 * It names host and port, and nothing that was sent or received
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;
