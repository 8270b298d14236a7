/** What a control plane can be asked for. */
import type { Say } from "../progress.ts";
import type { Lifetime } from "../runs/run.ts";

export interface ControlPlaneOptions {
  /** A policy of `audit.k8s.io/v1`, as YAML or JSON. Without one nothing is audited. */
  readonly auditPolicy?: string;
  /** More arguments of kube-apiserver; they win over those that are there. */
  readonly apiServerArgs?: readonly string[];
  /**
   * A kubeconfig, as YAML or JSON, from which the API server takes the client certificate or token that it shows to
   * admission webhooks. Its users are named after the webhook's host, as in `webhook.ns.svc` or `*.svc`.
   */
  readonly webhookKubeconfig?: string;
  /** The path of a `TracingConfiguration` for the API server. */
  readonly tracing?: string;
  /**
   * Whether kube-controller-manager and kube-scheduler run. By default they do, if there are such programs: those of
   * envtest are without. When they do not run, no pod is scheduled, nothing makes the ServiceAccount `default`, and
   * the admission plugin that asks for it is off, as under envtest.
   */
  readonly controllers?: boolean;
  /** The port of the API server on 127.0.0.1; any free one by default. */
  readonly port?: number;
  /** More names and addresses for the certificate of the API server. */
  readonly names?: readonly string[];
  /** `process`, the default: it ends with this process at the latest. */
  readonly lifetime?: Lifetime;
  /** Where long work tells how far it is; standard error by default. */
  readonly say?: Say;
  /** Ends the start, and cleans up. */
  readonly signal?: AbortSignal;
}
