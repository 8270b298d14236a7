/** Errors of a connection -> what they mean. Their own texts are not shown: they may quote what was sent. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure } from "../failure.ts";

/** Codes of OpenSSL's verification, and of Node for a name that is not in the certificate. */
const UNTRUSTED =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT_ALTNAME_INVALID)/;
/** Something answered, but not TLS, or none that both speak. */
const NO_TLS = /^(EPROTO|ERR_SSL_|ERR_TLS_)/;
const UNRESOLVED = /^(ENOTFOUND|EAI_|EDNS)/;
/** Codes of Node's HTTP parser. */
const NO_HTTP = /^(HPE_|ERR_HTTP_)/;

/**
 * @param url what was asked; only its host and port are named
 * @param error as Node emitted it
 */
export function connectionFailure(url: URL, error: unknown): FetchFailure {
  const code = codeOf(error);
  const server = nameOf(url);
  const because = code === "" ? "" : ` (${code})`;
  if (UNTRUSTED.test(code))
    return new FetchFailure(
      "untrusted",
      `the certificate of ${server} is not trusted${because}`,
      "Name the file of the authority that signed it as caFile, or correct the host or the server's certificate.",
    );
  if (NO_TLS.test(code))
    return new FetchFailure(
      "untrusted",
      `${server} cannot be talked to by TLS${because}`,
      "Correct the port, or let the server offer TLS 1.2 or 1.3.",
    );
  if (UNRESOLVED.test(code))
    return new FetchFailure(
      "unavailable",
      `the name of ${server} cannot be resolved${because}`,
      "Correct the host name, or check the cluster's DNS.",
    );
  if (NO_HTTP.test(code))
    return new FetchFailure(
      "invalid-answer",
      `what answers at ${server} speaks no HTTP${because}`,
      "Correct host and port.",
    );
  return new FetchFailure(
    "unavailable",
    `the connection to ${server} cannot be made or broke${because}`,
    "Check that the server runs, and that a network policy lets the pod reach it.",
  );
}

/** The signal ended the exchange. */
export function lateAnswer(url: URL): FetchFailure {
  return new FetchFailure(
    "timeout",
    `no answer from ${nameOf(url)} in time`,
    "Check the server and the network policies on the way, or give it more time by attemptSeconds.",
  );
}

export function longAnswer(url: URL, maxBytes: number): FetchFailure {
  return new FetchFailure(
    "invalid-answer",
    `the answer of ${nameOf(url)} has more than ${maxBytes} bytes`,
    "Check that it is the right server; split a secret that is so large.",
  );
}

function nameOf({ host }: URL): string {
  return quoted(host, 160);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : "";
}
