/** A TLS connection on which bytes are sent as they are. */
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";

import { REVIEW_PATH } from "./started-webhook.ts";

/** Connects, and waits until TLS is agreed on. @throws the error of the handshake */
export function connectTls(port: number, ca: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca, ...options }, () => {
      socket.off("error", reject);
      // A server that hangs up is part of what is tested.
      socket.on("error", () => {});
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** What hangs ends, in milliseconds. */
const LIMIT = 30_000;

/** Everything that the server sends until it closes, or until that is enough. */
export function receive(
  socket: TLSSocket,
  isEnough: (text: string) => boolean = () => false,
): Promise<{ readonly text: string; readonly closed: boolean }> {
  return new Promise((resolve) => {
    let text = "";
    const finish = (closed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, closed });
    };
    const timer = setTimeout(() => finish(false), LIMIT);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (isEnough(text)) finish(false);
    });
    socket.on("close", () => finish(true));
  });
}

/** A request as text; the body is ASCII. */
export function httpRequest(body: string): string {
  const head = [
    `POST ${REVIEW_PATH} HTTP/1.1`,
    "Host: flyte-pod-webhook.flyte.svc:443",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** How many HTTP answers there are in what was received. */
export function countAnswers(text: string): number {
  return text.match(/HTTP\/1\.1 (?!100 )\d{3} /g)?.length ?? 0;
}
