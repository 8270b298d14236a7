/**
 * A kept HTTPS connection that sends one request at a time. Written on node:tls: the HTTP client of Node needs
 * more time per request than the servers that are measured.
 */
import { connect, type TLSSocket } from "node:tls";

export interface Connection {
  /** Sends the request. @returns the length of the answer's body @throws Error for anything but 200 */
  exchange(): Promise<number>;
  close(): void;
}

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** PEM. */
  readonly ca: string;
}

export function openConnection(target: Target): Promise<Connection> {
  const request = Buffer.from(head(target) + target.body);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: target.port, ca: target.ca, ALPNProtocols: ["http/1.1"] }, () => {
      socket.off("error", reject);
      resolve(connectionOn(socket, request));
    });
    socket.once("error", reject);
  });
}

function head({ path, body }: Target): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: pod-secrets.flyte.svc:443",
    "User-Agent: kube-apiserver-admission",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Accept: application/json, */*",
    "Content-Type: application/json",
    "Accept-Encoding: gzip",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

interface Waiting {
  readonly resolve: (length: number) => void;
  readonly reject: (error: Error) => void;
}

function connectionOn(socket: TLSSocket, request: Buffer): Connection {
  socket.setNoDelay(true);
  let waiting: Waiting | undefined;
  let left = 0;
  let length = 0;
  const settle = (): void => {
    const { resolve } = waiting ?? {};
    waiting = undefined;
    resolve?.(length);
  };
  const fail = (error: Error): void => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on("data", (chunk: Buffer) => {
    if (left > 0) left -= chunk.length;
    else {
      const answer = readHead(chunk);
      if (answer === undefined) {
        fail(new Error(`unexpected answer: ${chunk.toString("latin1").slice(0, 200)}`));
        return;
      }
      length = answer.length;
      left = length - (chunk.length - answer.end);
    }
    if (left <= 0) settle();
  });
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed the connection")));
  return {
    exchange: () =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** Both servers send the head in one piece. */
function readHead(chunk: Buffer): { readonly length: number; readonly end: number } | undefined {
  const end = chunk.indexOf("\r\n\r\n");
  if (end === -1 || chunk.toString("latin1", 0, 13) !== "HTTP/1.1 200 ") return undefined;
  const length = /content-length: (\d+)/i.exec(chunk.toString("latin1", 0, end))?.[1];
  return length === undefined ? undefined : { length: Number(length), end: end + 4 };
}
