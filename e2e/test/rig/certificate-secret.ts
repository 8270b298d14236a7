/** The Secret of the certificate, as somebody with an admin's rights sees and harms it. */
import { setTimeout as sleep } from "node:timers/promises";

import { readBundle } from "../../../apps/webhook/src/certificates/ca-bundle.ts";
import { phaseOf, type Phase } from "../../../apps/webhook/src/certificates/managed/rotation.ts";
import { readSecret } from "../../../apps/webhook/src/certificates/managed/secret-codec.ts";
import type { SecretObject } from "../../../apps/webhook/src/certificates/managed/secret-object.ts";
import type { ApiClient } from "./api-client.ts";
import { makeFlyteCertificate, type FlyteCertificate } from "./flyte-leftovers.ts";

export interface SeenSecret {
  readonly object: SecretObject;
  /** Nothing when it is damaged. */
  readonly phase: Phase | undefined;
  readonly text: (key: string) => string;
  /** The CAs that are to be trusted. */
  readonly cas: readonly string[];
  /** Names of the replicas. */
  readonly notes: readonly string[];
}

export interface CertificateSecret {
  read(): Promise<SeenSecret>;
  /** Waits for a phase, and whatever else must hold. */
  until(phase: Phase, holds?: (secret: SeenSecret) => boolean): Promise<void>;
  /** Whatever the replicas do to it meanwhile. */
  change(edit: (secret: SecretObject) => SecretObject): Promise<void>;
  put(values: Readonly<Record<string, string>>): Promise<void>;
  /** Leaves so many bytes of a value. */
  cut(key: string, bytes: number): Promise<void>;
  remove(): Promise<void>;
  /** What Flyte's webhook leaves. */
  putFlyte(metadata: object): Promise<FlyteCertificate>;
}

const NAME = "flyte-pod-webhook";
/** Milliseconds. */
const PATIENCE = 60_000;

export function certificateSecret(api: ApiClient, namespace: string): CertificateSecret {
  const collection = `/api/v1/namespaces/${namespace}/secrets`;
  const path = `${collection}/${NAME}`;
  const find = async (): Promise<SeenSecret | undefined> => {
    const { status, body } = await api.send<SecretObject>("GET", path);
    return status === 200 ? seen(body) : undefined;
  };
  const read = async (): Promise<SeenSecret> => {
    const secret = await find();
    if (secret === undefined) throw new Error(`${path} is not there`);
    return secret;
  };
  const change: CertificateSecret["change"] = async (edit) => {
    for (let tries = 0; tries < 20; tries += 1) {
      const { status, body } = await api.send("PUT", path, edit((await read()).object));
      if (status === 200) return;
      if (status !== 409) throw new Error(`the Secret cannot be changed: ${JSON.stringify(body)}`);
    }
    throw new Error("the Secret is changed by others all the time");
  };
  const put = (values: Readonly<Record<string, string>>): Promise<void> =>
    change((secret) => ({ ...secret, data: { ...secret.data, ...encoded(values) } }));
  return {
    read,
    async until(phase, holds = () => true) {
      const end = performance.now() + PATIENCE;
      let last: SeenSecret | undefined;
      while (performance.now() < end) {
        last = await find();
        if (last?.phase === phase && holds(last)) return;
        await sleep(20);
      }
      throw new Error(`the Secret is ${last?.phase ?? "damaged or away"} and not ${phase} as it should be`);
    },
    change,
    put,
    cut: async (key, bytes) => put({ [key]: (await read()).text(key).slice(0, bytes) }),
    async remove() {
      await api.send("DELETE", path);
    },
    async putFlyte(metadata) {
      const certificate = makeFlyteCertificate(["127.0.0.1"]);
      const { status, body } = await api.send("POST", collection, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { ...metadata, name: NAME, namespace },
        type: "Opaque",
        immutable: true,
        stringData: { "ca.crt": certificate.ca, "tls.crt": certificate.certificate, "tls.key": certificate.key },
      });
      if (status !== 201) throw new Error(`Flyte's Secret is refused: ${JSON.stringify(body)}`);
      return certificate;
    },
  };
}

function seen(object: SecretObject): SeenSecret {
  const content = readSecret(object, Date.now());
  const text = (key: string): string => Buffer.from(object.data?.[key] ?? "", "base64").toString();
  return {
    object,
    phase: content.kind === "intact" ? phaseOf(content.rotation) : undefined,
    text,
    cas: readBundle(text("ca.crt")).map(({ pem }) => pem),
    notes: content.kind === "intact" ? [...content.rotation.replicas.keys()] : [],
  };
}

function encoded(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}
