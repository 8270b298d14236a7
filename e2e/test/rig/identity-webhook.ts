/**
 * A stand-in for EKS' webhook `pod-identity-webhook`, which is in no package registry: by its source (0.6), it gives
 * every container that is there when it is called the role of IRSA and a projected token.
 */
import type { Container, Pod } from "../../../packages/core/src/index.ts";
import type { ApiClient } from "./api-client.ts";
import { startOtherWebhook } from "./other-webhook.ts";

const VOLUME = "aws-iam-token";
const MOUNT = { name: VOLUME, readOnly: true, mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount" };
/** Seconds. */
const LIFETIME = 86_400;

export interface Identity {
  readonly region: string;
  /** ARN of the role. */
  readonly role: string;
}

/** Starts and registers it for all pods of a namespace. It is called after ours, as in EKS. */
export function startIdentityWebhook(
  api: ApiClient,
  namespace: string,
  { region, role }: Identity,
): Promise<AsyncDisposable> {
  const env = [
    { name: "AWS_STS_REGIONAL_ENDPOINTS", value: "regional" },
    { name: "AWS_REGION", value: region },
    { name: "AWS_ROLE_ARN", value: role },
    { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: `${MOUNT.mountPath}/token` },
  ];
  const identified = (container: Container): Container => ({
    ...container,
    env: [...(container.env ?? []), ...env],
    volumeMounts: [...(container.volumeMounts ?? []), MOUNT],
  });
  const edit = (pod: Pod): Pod => {
    const { spec } = pod;
    if (spec === undefined || spec.volumes?.some(({ name }) => name === VOLUME) === true) return pod;
    const { initContainers = [], containers, volumes = [] } = spec;
    const edited = {
      ...spec,
      volumes: [...volumes, TOKEN],
      initContainers: initContainers.map(identified),
      containers: containers.map(identified),
    };
    return { ...pod, spec: edited };
  };
  return startOtherWebhook(api, { name: "pod-identity-webhook", namespace, edit });
}

const TOKEN = {
  name: VOLUME,
  projected: {
    sources: [{ serviceAccountToken: { audience: "sts.amazonaws.com", expirationSeconds: LIFETIME, path: "token" } }],
  },
};
