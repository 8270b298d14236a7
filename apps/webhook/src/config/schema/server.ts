/** The section `server`: the HTTPS server that the API server calls. */
import { z } from "zod";

import { host, port } from "./address.ts";
import { certificates } from "./certificates.ts";

const seconds = (standard: number, what: string) => z.int().min(1).max(3600).default(standard).describe(what);

const URL_PATH = /^\/[A-Za-z0-9._~/-]*$/;
const urlPath = z.string().max(256).regex(URL_PATH, "must start with / and hold letters, digits and . _ ~ - / only");

export const server = z
  .strictObject({
    host: host.describe("Address of the HTTPS server."),
    port: port("Port of the HTTPS server.", 9443),
    path: z
      .union([urlPath, z.array(urlPath).min(1).max(16)])
      .default("/mutate--v1-pod")
      .describe("URL path of the registration, or a list of them."),
    certificates,
    clientCa: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        "File with the certificates of CAs, in PEM. With it, only clients with a certificate of one of them are served.",
      ),
    clientNames: z
      .array(z.string().min(1).max(253))
      .max(64)
      .default([])
      .describe("Common names that a client's certificate may have. Empty: any that `clientCa` signed."),
    maxBodyBytes: z
      .int()
      .min(1024)
      .max(67_108_864)
      .default(7_340_032)
      .describe(
        "Largest admission review, in bytes. The API server's own limit for objects is 3 MiB; two of them and the review around must fit.",
      ),
    maxBytesInFlight: z
      .int()
      .min(1024)
      .max(1_073_741_824)
      .default(67_108_864)
      .describe(
        "Bytes of all reviews that are being read; beyond that the answer is 429 and the API server asks again.",
      ),
    maxConnections: z
      .int()
      .min(1)
      .max(65_536)
      .default(4096)
      .describe(
        "Open connections. Beyond them, the one is closed that has been idle longest, or has not sent its request.",
      ),
    keepAliveSeconds: seconds(120, "How long an idle connection stays open. The API server keeps its own for 90 s."),
    headersSeconds: seconds(10, "Time for the head of a request."),
    requestSeconds: seconds(15, "Time for a whole request."),
    handshakeSeconds: seconds(5, "Time for a TLS handshake."),
    answerSeconds: seconds(10, "Time for a client to take its answer; then its connection is closed."),
    connectionSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .default(300)
      .describe(
        "Age, give or take a quarter, at which a connection is closed after an answer, so that new replicas get their share; 0 for never.",
      ),
    drainSeconds: z
      .int()
      .min(0)
      .max(3600)
      .default(10)
      .describe("How long the server goes on serving after SIGTERM, while the cluster learns that it is leaving."),
  })
  .superRefine(checkTogether)
  .prefault({})
  .describe("The HTTPS server that the API server calls.");

/** Those of `server` that depend on each other. */
interface ServerKeys {
  readonly clientCa?: string | undefined;
  readonly clientNames: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxBytesInFlight: number;
}

/** Keys of `server` that are right each, and together would refuse every review or the large ones for ever. */
function checkTogether(
  { clientCa, clientNames, maxBodyBytes, maxBytesInFlight }: ServerKeys,
  check: z.RefinementCtx,
): void {
  const add = (key: string, message: string, fix: string): void =>
    check.addIssue({ code: "custom", path: [key], message, params: { fix } });
  if (clientNames.length > 0 && clientCa === undefined)
    add(
      "clientNames",
      "needs `server.clientCa`: without it no client shows a certificate, and all are refused",
      "Add `server.clientCa`, or remove `server.clientNames`.",
    );
  if (maxBytesInFlight < maxBodyBytes)
    add(
      "maxBytesInFlight",
      `must be at least \`server.maxBodyBytes\`, which is ${maxBodyBytes}`,
      `Write ${maxBodyBytes} or more, or lower \`server.maxBodyBytes\`.`,
    );
}

export type ServerConfig = Readonly<z.output<typeof server>>;
