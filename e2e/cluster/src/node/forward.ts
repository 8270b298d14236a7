/**
 * `node forward.ts HOST PORT`: passes connections to HOST:PORT on to 127.0.0.1:PORT. The API server listens on
 * 127.0.0.1 alone; this lets the node and its pods in, and nobody else.
 */
import { connect, createServer, type Socket } from "node:net";

const [host, port] = process.argv.slice(2);

function passOn(client: Socket): void {
  const server = connect({ host: "127.0.0.1", port: Number(port), noDelay: true });
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

createServer({ noDelay: true }, passOn).listen(Number(port), host);
