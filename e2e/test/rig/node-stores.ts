/** Confidant and AWS for pods of a node: the real servers, by TLS at an address that pods reach. */
import { startConfidant, startMoto } from "../../servers/index.ts";
import { selfSigned } from "../../../packages/secret-fetch/test/rig/certificate.ts";
import type { Identity } from "./identity-webhook.ts";
import { startTlsFront } from "./tls-front.ts";

export interface NodeStores extends AsyncDisposable {
  /** The role of all pods, which is also a service of Confidant. */
  readonly identity: Identity;
  /** Of both servers, in PEM. */
  readonly ca: string;
  /** Group of all secrets of AWS: what their ARNs begin with. */
  readonly awsGroup: string;
  /** The managers of a config. @param fetcher options of the container @param caFile path of {@link ca} in its image */
  managers(fetcher: object, caFile: string): readonly object[];
  /** Makes or changes a secret of AWS. */
  putSecret(name: string, value: string): Promise<void>;
  /** Makes or changes a credential of Confidant. No two have a key of the same name. */
  putCredential(name: string, pairs: Readonly<Record<string, string>>): Promise<void>;
  /** Takes both away until {@link NodeStores.comeBack}. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

/** Its role's name. */
const SERVICE = "orders";

/** @param host address of this machine, as pods see it */
export async function startNodeStores(host: string): Promise<NodeStores> {
  const tls = await selfSigned({ address: host });
  // Without its checks: it asks for a signature of the call that brings the token, too, which AWS does not.
  const moto = await startMoto();
  const confidant = await startConfidant(moto);
  const role = await moto.createRole(SERVICE, ["secretsmanager:GetSecretValue", "kms:Encrypt"]);
  const [aws, lyft] = await Promise.all([startTlsFront(moto.url, host, tls), startTlsFront(confidant.url, host, tls)]);
  const secrets = new Set<string>();
  const credentials = new Map<string, string>();
  return {
    identity: { region: moto.region, role },
    ca: tls.cert,
    awsGroup: `arn:aws:secretsmanager:${moto.region}:${moto.account}:secret`,
    managers: (fetcher, caFile) => {
      const settings = { endpoints: { secretsmanager: aws.url, sts: aws.url }, caFile };
      const kms = { endpoints: { kms: aws.url, sts: aws.url }, caFile };
      const auth = { key: confidant.authKey, to: confidant.authContext, ...kms };
      return [
        { use: "aws", options: { mode: "fetch", fetcher, settings } },
        { use: "confidant", options: { url: lyft.url, caFile, auth, fetcher } },
      ];
    },
    putSecret: async (name, value) => {
      const change = secrets.has(name) ? ["PutSecretValue", { SecretId: name }] : ["CreateSecret", { Name: name }];
      const [action, which] = change as [string, Readonly<Record<string, string>>];
      await moto.admin("secretsmanager", action, { ...which, SecretString: value });
      secrets.add(name);
    },
    putCredential: async (name, pairs) => {
      const id = credentials.get(name);
      if (id !== undefined) {
        await confidant.reviseCredential(id, { name, pairs });
        return;
      }
      credentials.set(name, await confidant.createCredential({ name, pairs }));
      await confidant.putService(SERVICE, { credentialIds: [...credentials.values()] });
    },
    goDown: async () => void (await Promise.all([aws.goDown(), lyft.goDown()])),
    comeBack: async () => void (await Promise.all([aws.comeBack(), lyft.comeBack()])),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([aws.goDown(), lyft.goDown()]);
      await confidant.stop();
      await moto.stop();
    },
  };
}
