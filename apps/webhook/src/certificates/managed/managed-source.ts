/** From configuration to the managed certificate of a process that serves. */
import { hostname } from "node:os";
import type { Logger } from "@pod-secrets/core";

import type { Config } from "../../config/schema.ts";
import type { ManagedCertificatesConfig } from "../../config/schema/certificates.ts";
import type { KubernetesConnection } from "../../kubernetes/open-client.ts";
import { calledHost } from "../called-host.ts";
import { DAY } from "../lifetimes.ts";
import { canonicalName } from "../name.ts";
import type { CertificateSource } from "../open-certificate.ts";
import type { RotationPolicy } from "./decide.ts";
import type { Publish } from "./publication.ts";
import { replicaName } from "./secret-codec.ts";

export interface ManagedSourceParts {
  readonly connect: () => Promise<KubernetesConnection>;
  /** Sees to it that the registration holds the bundle; without, somebody else does. */
  readonly publish: Publish | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Loads what it needs when it is opened. */
export function managedSource(
  managed: ManagedCertificatesConfig,
  { registration }: Pick<Config, "registration">,
  { connect, ...parts }: ManagedSourceParts,
): CertificateSource {
  const open = async () => {
    const { client, namespace } = await connect();
    const { openManagedCertificate } = await import("./managed-certificate.ts");
    const policy: RotationPolicy = {
      names: certificateNames(managed, namespace, registration),
      lifetime: managed.days * DAY,
      overlap: managed.overlapSeconds * 1000,
    };
    const replica = replicaName(process.env["POD_NAME"] ?? hostname());
    return openManagedCertificate({ ...parts, client, namespace, secret: managed.secret, policy, replica });
  };
  return { kind: "managed", open };
}

/** Also that by which the API server calls, if it is not one of those of `service`. */
export function certificateNames(
  { service, names }: Pick<ManagedCertificatesConfig, "service" | "names">,
  namespace: string,
  registration?: Parameters<typeof calledHost>[0],
): readonly string[] {
  const called = registration === undefined ? [] : [calledHost(registration, namespace)];
  const all = [service, `${service}.${namespace}`, `${service}.${namespace}.svc`, ...names, ...called];
  return [...new Set(all.map(canonicalName))];
}
