/** TLS in front of a server of this machine that speaks plain HTTP, and the way to take the server away. */
import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { createServer, type Server } from "node:tls";

import type { ServerIdentity } from "../../../packages/secret-fetch/test/rig/loopback-server.ts";

export interface TlsFront extends AsyncDisposable {
  /** `https://HOST:PORT`, the same for as long as it lives. */
  readonly url: string;
  /** Breaks all connections, and lets nobody connect. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

/** @param target `http://HOST:PORT` @param host address of this machine that the certificate is for */
export async function startTlsFront(target: string, host: string, identity: ServerIdentity): Promise<TlsFront> {
  const { hostname, port: targetPort } = new URL(target);
  const open = new Set<Socket>();
  const serve = async (port: number): Promise<Server> => {
    const server = createServer({ ...identity }, (client) => {
      const upstream = connect(Number(targetPort), hostname);
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        open.add(socket);
        socket.on("error", () => other.destroy());
        socket.once("close", () => {
          open.delete(socket);
          other.destroy();
        });
      }
      client.pipe(upstream).pipe(client);
    });
    server.listen(port, host);
    await once(server, "listening");
    return server;
  };
  let server: Server | undefined = await serve(0);
  const { port } = server.address() as AddressInfo;
  const goDown = async (): Promise<void> => {
    const closing = server;
    if (closing === undefined) return;
    server = undefined;
    const closed = once(closing, "close");
    closing.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    url: `https://${host}:${port}`,
    goDown,
    comeBack: async () => void (server ??= await serve(port)),
    [Symbol.asyncDispose]: goDown,
  };
}
