/** Requests over kept HTTPS connections, as the API server sends them. */
import { Agent, request as httpsRequest } from "node:https";

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** PEM. */
  readonly ca: string;
}

/** Sends a request and reads the answer. @returns the length of its body, in bytes @throws Error for anything but 200 */
export type Exchange = () => Promise<number>;

/** @param connections how many are kept */
export function openConnections({ port, path, body, ca }: Target, connections: number): Exchange {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers = {
    "User-Agent": "kube-apiserver-admission",
    "Content-Length": Buffer.byteLength(body),
    Accept: "application/json, */*",
    "Content-Type": "application/json",
    "Accept-Encoding": "gzip",
  };
  const options = { host: "127.0.0.1", port, path, method: "POST", ca, agent, headers };
  return () =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(options, (response) => {
        let length = 0;
        response.on("data", (chunk: Buffer) => (length += chunk.length));
        response.on("end", () => {
          if (response.statusCode === 200) resolve(length);
          else reject(new Error(`the server answered ${response.statusCode}`));
        });
      });
      request.on("error", reject);
      request.end(body);
    });
}
