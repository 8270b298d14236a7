/** The arguments of kube-apiserver. */
import { writePrivately } from "../certificates/files.ts";
import { networkOf, SERVICE_CIDR } from "../runs/network.ts";
import type { Run } from "../runs/run.ts";
import type { ApiServerFiles } from "./api-server-files.ts";
import type { ControlPlaneOptions } from "./options.ts";

/** Where it listens, and what for. */
export interface ApiServerPlace {
  readonly etcd: string;
  readonly port: number;
  readonly hasControllers: boolean;
}

export function apiServerArguments(
  run: Run,
  files: ApiServerFiles,
  place: ApiServerPlace,
  options: ControlPlaneOptions,
): readonly string[] {
  return [
    `--etcd-servers=${place.etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${place.port}`,
    // The endpoint of the Service `kubernetes`. Something listens there as soon as there is a node.
    `--advertise-address=${networkOf(run.state().network).host}`,
    `--tls-cert-file=${files.serving.certificate}`,
    `--tls-private-key-file=${files.serving.key}`,
    `--client-ca-file=${files.ca}`,
    `--kubelet-client-certificate=${files.kubeletClient.certificate}`,
    `--kubelet-client-key=${files.kubeletClient.key}`,
    `--kubelet-certificate-authority=${files.ca}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--service-account-key-file=${files.serviceAccount.publicKey}`,
    `--service-account-signing-key-file=${files.serviceAccount.privateKey}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--allow-privileged",
    // It dials the addresses behind a Service itself: cluster IPs mean something on the node only.
    "--enable-aggregator-routing",
    ...(place.hasControllers ? [] : ["--disable-admission-plugins=ServiceAccount"]),
    ...auditArguments(run, files, options),
    ...webhookArguments(run, options),
    ...(options.tracing === undefined ? [] : [`--tracing-config-file=${options.tracing}`]),
    ...(options.apiServerArgs ?? []),
  ];
}

function auditArguments(run: Run, { auditLog }: ApiServerFiles, { auditPolicy }: ControlPlaneOptions): string[] {
  if (auditPolicy === undefined) return [];
  const policy = writePrivately(run.path("audit-policy.yaml"), auditPolicy);
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog}`];
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers */
function webhookArguments(run: Run, { webhookKubeconfig }: ControlPlaneOptions): string[] {
  if (webhookKubeconfig === undefined) return [];
  const kubeConfigFile = writePrivately(run.path("webhooks.kubeconfig"), webhookKubeconfig);
  const configuration = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "WebhookAdmissionConfiguration",
    kubeConfigFile,
  };
  const admission = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: ["MutatingAdmissionWebhook", "ValidatingAdmissionWebhook"].map((name) => ({ name, configuration })),
  };
  const file = writePrivately(run.path("admission.yaml"), JSON.stringify(admission));
  return [`--admission-control-config-file=${file}`];
}
