/**
 * What kube-proxy does for a Service: a connection goes to one of the endpoints and stays there, and the list of
 * endpoints lags behind what happens to them.
 */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Balancer extends AsyncDisposable {
  readonly port: number;
  /** New connections go to these ports, one after the other. */
  setEndpoints(ports: readonly number[]): void;
  /** Connections that found no endpoint, or one that did not answer. */
  refused(): number;
}

export async function startBalancer(): Promise<Balancer> {
  let endpoints: readonly number[] = [];
  let next = 0;
  let refused = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const port = endpoints[next++ % endpoints.length];
    if (port === undefined) {
      refused += 1;
      client.destroy();
      return;
    }
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    }
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => {
      if (upstream.connecting) refused += 1;
      // As the node does when nobody listens behind an address.
      client.resetAndDestroy();
    });
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    setEndpoints: (ports) => {
      endpoints = ports;
    },
    refused: () => refused,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
