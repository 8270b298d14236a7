/** The API server, asked as its clients ask it: many at once over kept connections, which kubectl is too slow for. */
import { Agent, request } from "node:https";

import type { ControlPlane } from "../../cluster/src/index.ts";

/** An answer of the API server. */
export interface ApiAnswer<Body = unknown> {
  /** HTTP status; 0 when the connection broke. */
  readonly status: number;
  readonly body: Body;
  /** `Warning` headers, without their code and agent. */
  readonly warnings: readonly string[];
}

/** Kubernetes' word for what went wrong. */
export interface Status {
  readonly reason?: string;
  readonly message?: string;
}

export interface ApiClient extends Disposable {
  send<Body = unknown>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Body>>;
  /** Creates a pod, by default without keeping it. */
  createPod<Body = unknown>(namespace: string, pod: unknown, mode?: "dry-run" | "real"): Promise<ApiAnswer<Body>>;
}

/** Milliseconds; the API server itself answers within 34 s. */
const PATIENCE = 60_000;

/** A client with an admin's rights. */
export async function apiClient(cluster: ControlPlane, user = "admin"): Promise<ApiClient> {
  const { certificate, key } = await cluster.authority.issueClient(user, ["system:masters"]);
  const agent = new Agent({ keepAlive: true, ca: cluster.caCertificate, cert: certificate, key });
  const send = <Body>(method: string, path: string, body?: unknown): Promise<ApiAnswer<Body>> =>
    new Promise((done) => {
      const broken = (error: Error): void =>
        done({ status: 0, body: { message: error.message } as Body, warnings: [] });
      const headers = {
        "Content-Type": method === "PATCH" ? "application/json-patch+json" : "application/json",
        Accept: "application/json",
      };
      const call = request(`${cluster.server}${path}`, { method, agent, headers, timeout: PATIENCE }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", broken);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const parsed = (text === "" ? {} : JSON.parse(text)) as Body;
          done({ status: response.statusCode ?? 0, body: parsed, warnings: warningsOf(response.rawHeaders) });
        });
      });
      call.on("timeout", () => call.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
      call.on("error", broken);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    send,
    createPod: (namespace, pod, mode = "dry-run") =>
      send("POST", `/api/v1/namespaces/${namespace}/pods${mode === "dry-run" ? "?dryRun=All" : ""}`, pod),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function warningsOf(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.flatMap((name, index) => {
    if (index % 2 === 1 || name.toLowerCase() !== "warning") return [];
    const text = /^\d+ \S+ "(.*)"$/.exec(rawHeaders[index + 1] ?? "")?.[1];
    return text === undefined ? [] : [text.replaceAll(/\\(.)/g, "$1")];
  });
}
