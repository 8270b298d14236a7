import { setTimeout as sleep } from "node:timers/promises";

import type { ApiClient } from "./api-client.ts";

/** Makes a namespace, and waits for its service account: without one no pod is taken. */
export async function createNamespace(
  api: ApiClient,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  await api.send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  for (let tries = 0; tries < 300; tries += 1) {
    const { status } = await api.send("GET", `/api/v1/namespaces/${name}/serviceaccounts/default`);
    if (status === 200) return;
    await sleep(100);
  }
  throw new Error(`namespace ${name} gets no service account`);
}
