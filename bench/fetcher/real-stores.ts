/** The servers of the tests, which come from PyPI: AWS by moto, which checks signatures and policies, and Confidant. */
import { startConfidant, startMoto, type Moto } from "../../e2e/servers/index.ts";
import { SECRETS, valueOf, type Store } from "./store.ts";

const USER = "orders";

async function envFor(moto: Moto): Promise<Store["env"]> {
  const actions = ["secretsmanager:GetSecretValue", "kms:Encrypt", "sts:GetCallerIdentity"];
  const { accessKeyId, secretAccessKey } = await moto.createUser(USER, actions);
  return { AWS_REGION: moto.region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

export async function startMotoStore(): Promise<Store> {
  const moto = await startMoto({ checksAuthorization: true });
  for (const name of SECRETS)
    await moto.admin("secretsmanager", "CreateSecret", { Name: name, SecretString: valueOf(name) });
  return {
    name: "AWS by moto",
    provider: { use: "aws-secretsmanager", settings: { endpoints: { secretsmanager: moto.url } } },
    env: await envFor(moto),
    sourceOf: (secretId) => ({ secretId }),
    [Symbol.asyncDispose]: () => moto.stop(),
  };
}

/** Each secret is a credential of its own, which Confidant decrypts, with a key that no other one has, as it asks for. */
export async function startConfidantStore(): Promise<Store> {
  const moto = await startMoto({ checksAuthorization: true });
  const confidant = await startConfidant(moto);
  const credentialIds: string[] = [];
  for (const name of SECRETS)
    credentialIds.push(await confidant.createCredential({ name, pairs: { [name]: valueOf(name) } }));
  await confidant.putService(USER, { credentialIds });
  const auth = { method: "kmsauth", key: confidant.authKey, to: confidant.authContext };
  const settings = { url: confidant.url, service: USER, auth: { ...auth, endpoints: { kms: moto.url } } };
  return {
    name: "Confidant 7.0.0",
    provider: { use: "confidant", settings },
    env: await envFor(moto),
    sourceOf: (credential) => ({ credential, key: credential }),
    [Symbol.asyncDispose]: async () => {
      await confidant.stop();
      await moto.stop();
    },
  };
}
