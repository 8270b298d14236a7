/** Registrations in a cluster, made and broken by tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, onTestFinished } from "vitest";

import { makeSelfSigned } from "../../../apps/webhook/src/certificates/self-signed.ts";
import { mutatingConfigurationPath } from "../../../apps/webhook/src/kubernetes/api-paths.ts";
import type { KubernetesClient, PatchOperation } from "../../../apps/webhook/src/kubernetes/kubernetes-client.ts";
import { openKubernetes } from "../../../apps/webhook/src/kubernetes/open-client.ts";
import type {
  WebhookConfiguration,
  WebhookEntry,
} from "../../../apps/webhook/src/registration/webhook-configuration.ts";
import { startControlPlane, type ControlPlane } from "../../cluster/src/index.ts";
import { runRegistrar, type RegistrarSettings, type RunningRegistrar } from "./registrar.ts";

/** Goal for each repair, in milliseconds. */
export const REPAIRED = 2000;

/** An entry of another webhook. */
export const OTHER = {
  name: "other.example.com",
  clientConfig: { url: "https://127.0.0.1:1/" },
  rules: [],
  sideEffects: "None",
  admissionReviewVersions: ["v1"],
};

export interface RegistrationRig {
  readonly cluster: ControlPlane;
  /** With an admin's rights. */
  readonly client: KubernetesClient;
  /** For files, gone after the tests. */
  readonly folder: string;
  /** CAs that the API server takes. */
  readonly bundle: string;
  readonly otherBundle: string;
  /** A name that no other test has; what it names is removed after the test. */
  freshName(): string;
  read(name: string): Promise<WebhookConfiguration>;
  change(name: string, operations: readonly PatchOperation[]): Promise<WebhookConfiguration>;
  /** Starts a registrar that was given no CA bundle yet. */
  run(name: string, settings?: Partial<RegistrarSettings>): Promise<RunningRegistrar>;
  /** A registration that is made and holds the bundle. */
  registered(settings?: Partial<RegistrarSettings>): Promise<readonly [string, RunningRegistrar]>;
}

/** Starts a control plane for the tests of a file. */
export function registrationRig(): () => RegistrationRig {
  const closing = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), "pod-secrets-registration-"));
  let rig: RegistrationRig | undefined;
  let cluster: ControlPlane | undefined;
  beforeAll(async () => {
    cluster = await startControlPlane({ controllers: false });
    rig = await createRig(cluster, folder, closing.signal);
  });
  afterAll(async () => {
    closing.abort();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (rig === undefined) throw new Error("it is not started yet");
    return rig;
  };
}

async function createRig(cluster: ControlPlane, folder: string, signal: AbortSignal): Promise<RegistrationRig> {
  const { client } = await openKubernetes({ kubeconfig: cluster.kubeconfig, signal });
  const { ca: bundle } = await makeSelfSigned(Date.now());
  const { ca: otherBundle } = await makeSelfSigned(Date.now());
  let names = 0;
  const freshName = (): string => {
    names += 1;
    const name = `registration-${names}`;
    onTestFinished(() => client.remove(mutatingConfigurationPath(name)).catch(() => {}));
    return name;
  };
  const run: RegistrationRig["run"] = (name, settings = {}) =>
    runRegistrar({ kubeconfig: cluster.kubeconfig, ...settings, section: { name, ...settings.section } });
  return {
    cluster,
    client,
    folder,
    bundle,
    otherBundle,
    freshName,
    read: (name) => client.get(mutatingConfigurationPath(name)),
    change: (name, operations) => client.patch(mutatingConfigurationPath(name), operations),
    run,
    registered: async (settings) => {
      const name = freshName();
      const registrar = await run(name, settings);
      await registrar.publish(bundle);
      return [name, registrar];
    },
  };
}

/** Waits until what is read is as it should be. @returns milliseconds */
export async function until(isRight: () => Promise<boolean>, limit = 30_000): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < limit) {
    if (await isRight().catch(() => false)) return performance.now() - start;
    await sleep(20);
  }
  throw new Error(`it is not as it should be after ${limit / 1000} s`);
}

/** The webhook's own entry. */
export function ours({ webhooks = [] }: WebhookConfiguration): WebhookEntry | undefined {
  return webhooks.find(({ name }) => name === "flyte-pod-webhook.flyte.org");
}

/** Sets a field of the first entry. */
export function at(field: string, value: unknown): PatchOperation {
  return { op: "add", path: `/webhooks/0/${field}`, value };
}
