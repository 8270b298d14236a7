/** Errors of a connection -> what they mean. Their own texts are not shown: they may quote what was sent. */
import { quoted } from "@pod-secrets/core";

import { FetchFailure, type FailureKind } from "../failure.ts";

interface Meaning {
  /** Codes of OpenSSL, of the system and of Node, as errors have them. */
  readonly codes: RegExp;
  readonly kind: FailureKind;
  /** `SERVER` stands for host and port. */
  readonly cause: string;
  readonly fix: string;
}

/** The first whose codes fit counts. */
const MEANINGS: readonly Meaning[] = [
  {
    // What Node does not send.
    codes: /^ERR_(INVALID_CHAR|INVALID_HTTP_TOKEN|HTTP_INVALID_HEADER_VALUE|UNESCAPED_CHARACTERS)$/,
    kind: "wrong-request",
    cause: "a header of the call to SERVER has a character that HTTP does not allow",
    fix: "Look at the credentials and tokens that the container is given: a line end often comes along.",
  },
  {
    // OpenSSL's verification, and Node's for a name that is not in the certificate.
    codes:
      /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_TLS_CERT_ALTNAME_INVALID)/,
    kind: "untrusted",
    cause: "the certificate of SERVER is not trusted",
    fix: "Name the file of the authority that signed it as caFile, or correct the host or the server's certificate.",
  },
  {
    // Something answered, but not TLS, or none that both speak.
    codes: /^(EPROTO|ERR_SSL_|ERR_TLS_)/,
    kind: "untrusted",
    cause: "SERVER cannot be talked to by TLS",
    fix: "Correct the port, or let the server offer TLS 1.2 or 1.3.",
  },
  {
    codes: /^(ENOTFOUND|EAI_|EDNS)/,
    kind: "unavailable",
    cause: "the name of SERVER cannot be resolved",
    fix: "Correct the host name, or check the cluster's DNS.",
  },
  {
    // Node's HTTP parser.
    codes: /^(HPE_|ERR_HTTP_)/,
    kind: "invalid-answer",
    cause: "what answers at SERVER speaks no HTTP",
    fix: "Correct host and port.",
  },
];

const BROKEN: Omit<Meaning, "codes"> = {
  kind: "unavailable",
  cause: "the connection to SERVER cannot be made or broke",
  fix: "Check that the server runs, and that a network policy lets the pod reach it.",
};

/**
 * @param url what was asked; only its host and port are named
 * @param error as Node emitted it
 */
export function connectionFailure(url: URL, error: unknown): FetchFailure {
  const code = codeOf(error);
  const { kind, cause, fix } = MEANINGS.find(({ codes }) => codes.test(code)) ?? BROKEN;
  const because = code === "" ? "" : ` (${code})`;
  return new FetchFailure(kind, `${cause.replace("SERVER", () => nameOf(url))}${because}`, fix);
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

/** The server goes on in another protocol, for which nobody asked. */
export function otherProtocol(url: URL): FetchFailure {
  return new FetchFailure("invalid-answer", `what answers at ${nameOf(url)} speaks no HTTP`, "Correct host and port.");
}

function nameOf({ host }: URL): string {
  return quoted(host, 160);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : "";
}
