/** What the rotation relies on in an API server: the double in memory and the real one are both held to it. */
import { expect, test } from "vitest";

import { secretPath, secretsPath } from "../../src/kubernetes/api-paths.ts";
import type { KubernetesClient, WatchEvent } from "../../src/kubernetes/kubernetes-client.ts";
import { newSecret, type SecretObject } from "../../src/certificates/managed/secret-object.ts";

/** @param api a namespace with no Secret whose name starts with `contract-` */
export function describeApi(api: () => { readonly client: KubernetesClient; readonly namespace: string }): void {
  let made = 0;
  const fresh = (): { readonly client: KubernetesClient; readonly secret: SecretObject } & Paths => {
    const { client, namespace } = api();
    const name = `contract-${made++}`;
    const secret = { ...newSecret(namespace, name), data: { "tls.crt": "YQ==" } };
    return { client, secret, path: secretPath(namespace, name), collection: secretsPath(namespace), name };
  };

  test("an object is read as it was created, with a uid and a version", async () => {
    const { client, secret, path, collection } = fresh();
    const created = await client.create(collection, secret);
    expect(created).toMatchObject(secret);
    expect(created.metadata.uid).toEqual(expect.any(String));
    expect(await client.get(path)).toMatchObject({ ...secret, metadata: created.metadata });
  });

  test("one that is not there is not found, by any verb", async () => {
    const { client, secret, path } = fresh();
    const missing = { failure: "not-found" };
    await expect(client.get(path)).rejects.toMatchObject(missing);
    await expect(client.remove(path)).rejects.toMatchObject(missing);
    const base = { ...secret, metadata: { ...secret.metadata, resourceVersion: "1", uid: "x" } };
    await expect(client.replace(path, base)).rejects.toMatchObject({
      failure: expect.stringMatching(/^(not-found|conflict)$/),
    });
  });

  test("it is created once", async () => {
    const { client, secret, collection } = fresh();
    await client.create(collection, secret);
    await expect(client.create(collection, secret)).rejects.toMatchObject({ failure: "exists" });
  });

  test("of two that replace what they have read, the second one is refused", async () => {
    const { client, secret, path, collection } = fresh();
    const read = await client.create(collection, secret);
    const replaced = await client.replace<SecretObject>(path, { ...read, data: { "tls.crt": "Yg==" } });
    expect(replaced.data).toEqual({ "tls.crt": "Yg==" });
    expect(replaced.metadata.uid).toBe(read.metadata.uid);
    await expect(client.replace(path, { ...read, data: {} })).rejects.toMatchObject({ failure: "conflict" });
  });

  test("what somebody else has deleted and made again is neither replaced nor deleted by what was read before", async () => {
    const { client, secret, path, collection } = fresh();
    const read = await client.create(collection, secret);
    await client.remove(path, read.metadata.uid);
    await client.create(collection, secret);
    await expect(client.replace(path, read)).rejects.toMatchObject({ failure: "conflict" });
    await expect(client.remove(path, read.metadata.uid)).rejects.toMatchObject({ failure: "conflict" });
  });

  test("an immutable one takes other metadata, and no other data", async () => {
    const { client, secret, path, collection } = fresh();
    const read = await client.create(collection, { ...secret, immutable: true });
    const noted = await client.replace<SecretObject>(path, {
      ...read,
      metadata: { ...read.metadata, annotations: { "replica.pod-secrets.dev/a": "b" } },
    });
    expect(noted.metadata.annotations).toEqual({ "replica.pod-secrets.dev/a": "b" });
    await expect(client.replace(path, { ...noted, data: { "tls.crt": "Yg==" } })).rejects.toMatchObject({
      failure: "invalid",
    });
  });

  test("a watch tells what is there first, and then each change", async () => {
    const { client, secret, path, collection, name } = fresh();
    const ending = new AbortController();
    const events: string[] = [];
    const onEvent = (event: WatchEvent<SecretObject>): void => {
      events.push(event.type === "deleted" ? "deleted" : (event.object.data?.["tls.crt"] ?? ""));
    };
    const seen = (last: string): Promise<void> => expect.poll(() => events.at(-1), { timeout: 5000 }).toBe(last);
    client.watch<SecretObject>(collection, name, onEvent, { signal: ending.signal, resync: 60_000, onProblem: fail });
    await seen("deleted");
    const read = await client.create(collection, secret);
    await seen("YQ==");
    await client.replace(path, { ...read, data: { "tls.crt": "Yg==" } });
    await seen("Yg==");
    await client.remove(path);
    await seen("deleted");
    ending.abort();
  });
}

interface Paths {
  readonly path: string;
  readonly collection: string;
  readonly name: string;
}

function fail(error: Error): never {
  throw error;
}
