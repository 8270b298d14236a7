/** The HTTPS server: limits and timeouts against clients that are slow, many or hostile. */
import type { RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import { setDefaultHighWaterMark } from "node:stream";

import type { LoadedCertificate } from "../certificates/certificate.ts";
import type { ServerConfig } from "../config/schema/server.ts";
import { trackConnections, type ConnectionOptions, type Connections } from "./connections.ts";
import { secureContextOptions, TLS_POLICY } from "./tls-policy.ts";

/** Times in milliseconds. */
export interface ServerLimits {
  /**
   * How long an idle connection is kept. Longer than the 90 s of the API server's client: a call that leaves
   * just as the server closes is lost, since the API server does not repeat it.
   */
  readonly keepAliveTimeout: number;
  /** For all headers of a request. */
  readonly headersTimeout: number;
  /** For a whole request. */
  readonly requestTimeout: number;
  readonly handshakeTimeout: number;
}

export function serverLimits(config: ServerConfig): ServerLimits {
  return {
    keepAliveTimeout: config.keepAliveSeconds * 1000,
    headersTimeout: config.headersSeconds * 1000,
    requestTimeout: config.requestSeconds * 1000,
    handshakeTimeout: config.handshakeSeconds * 1000,
  };
}

/** How often the timeouts are looked at, in milliseconds; Node's default of 30 s would make 10 s into 30. */
const CHECKING_INTERVAL = 1000;
/** All headers of a request together, in bytes; the API server sends about 300. */
const MAX_HEADER_SIZE = 8192;
/** Most headers of a request that are looked at; the API server sends seven. */
const MAX_HEADERS = 50;

/**
 * Beyond so many bytes that the system has not taken yet, Node holds the next request of a connection back. An answer
 * that was given between two turns of the event loop counts as not taken for one more turn, and what then comes in
 * several records of TLS meets a parser that is held: Node 24 ends the connection ("Parse Error: Paused"), and with it
 * an admission that the API server does not repeat. So the limit is longer than nearly every answer; what a client
 * leaves unread takes so much of memory.
 */
const LONG_ANSWER = 1_048_576;

export interface AdmissionServerOptions {
  readonly certificate: LoadedCertificate;
  /** PEM of the CAs whose certificates clients must present; without, any client may connect. */
  readonly clientCa?: string;
  readonly limits: ServerLimits;
  readonly connections: ConnectionOptions;
  readonly listener: RequestListener;
  /** A connection ended before TLS was agreed on. */
  readonly onHandshakeError: () => void;
}

export interface AdmissionServer {
  readonly server: Server;
  readonly connections: Connections;
  /** New connections get this certificate; established ones go on. */
  present(certificate: LoadedCertificate): void;
  /** When the certificate that new connections get ceases to be valid, in milliseconds since 1970. */
  expires(): number;
}

export function createAdmissionServer(options: AdmissionServerOptions): AdmissionServer {
  const { clientCa, listener } = options;
  // A socket of TLS takes no limit of its own.
  setDefaultHighWaterMark(false, LONG_ANSWER);
  const server = createServer(serverOptions(options), listener);
  const connections = trackConnections(server, options.connections);
  server.maxHeadersCount = MAX_HEADERS;
  // The listener looks at the head of the request first, and asks for the body itself.
  server.on("checkContinue", listener);
  server.on("tlsClientError", options.onHandshakeError);
  let { expires } = options.certificate;
  return {
    server,
    connections,
    present: (certificate) => {
      server.setSecureContext(secureContextOptions(certificate, clientCa));
      ({ expires } = certificate);
    },
    expires: () => expires,
  };
}

function serverOptions({ certificate, clientCa, limits }: AdmissionServerOptions): ServerOptions {
  return {
    ...secureContextOptions(certificate, clientCa),
    ...TLS_POLICY,
    ...limits,
    // Nothing is read from a connection before its turn has come.
    pauseOnConnect: true,
    connectionsCheckingInterval: CHECKING_INTERVAL,
    maxHeaderSize: MAX_HEADER_SIZE,
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
    insecureHTTPParser: false,
  };
}
