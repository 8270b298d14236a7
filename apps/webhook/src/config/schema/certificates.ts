/** Where the server's certificate comes from, and what `pod-secrets init-certs` makes. */
import { z } from "zod";

/** Names of Secrets (RFC 1123). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Names of Services (RFC 1035). */
const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
/** A DNS name, an IPv4 or an IPv6 address. */
const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/;

const issued = {
  secret: z
    .string()
    .max(253)
    .regex(SUBDOMAIN, "must be the name of a Secret: lower-case letters, digits, `-` and `.`")
    .default("flyte-pod-webhook")
    .describe("Name of the Secret, in the webhook's own namespace."),
  service: z
    .string()
    .max(63)
    .regex(LABEL, "must be the name of a Service: lower-case letters, digits and `-`")
    .default("flyte-pod-webhook")
    .describe(
      "Name of the Service in front of the webhook. The certificate is for `SERVICE`, `SERVICE.NAMESPACE` and `SERVICE.NAMESPACE.svc`.",
    ),
  names: z
    .array(z.string().min(1).max(253).regex(HOST, "must be a DNS name or an IP address"))
    .max(16)
    .default([])
    .describe("More DNS names and IP addresses of the certificate."),
};

/** An hour and some minutes at least, and no more than clients take of a certificate for a server. */
const days = (standard: number, meaning: string) =>
  z
    .number()
    .min(0.05)
    .max(825)
    .default(standard)
    .describe(`How many days the certificate is valid; fractions are fine. ${meaning}`);

const managed = z
  .strictObject({
    ...issued,
    days: days(90, "The next one is made when a third of them is left."),
    overlapSeconds: z
      .int()
      .min(1)
      .max(86_400)
      .default(900)
      .describe(
        "How long a new CA is in the registration before its certificate is served. API servers that lag behind have to see it in this time; a stalled watch of theirs takes up to 10 minutes.",
      ),
  })
  .describe("A certificate in a Secret that all replicas share, and renew by themselves.");

export const certificates = z
  .union([z.string().min(1).max(4096), managed])
  .default("/etc/webhook/certs")
  .describe(
    "Directory with `tls.crt` and `tls.key`, re-read when they change. Or a mapping, also an empty one: a certificate in a Secret that the webhook makes, shares among its replicas and renews.",
  );

export const initCerts = z
  .strictObject({ ...issued, days: days(825, "Nobody renews it by itself.") })
  .prefault({})
  .describe(
    "What `pod-secrets init-certs` makes while `server.certificates` is a directory. A managed certificate has its own keys for this.",
  );

export type ManagedCertificatesConfig = Readonly<z.output<typeof managed>>;
export type InitCertsConfig = Readonly<z.output<typeof initCerts>>;
