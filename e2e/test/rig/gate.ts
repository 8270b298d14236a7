/** A way to the API server that can be shut: for whoever goes through it, nobody listens then. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Gate {
  readonly port: number;
  open(): Promise<void>;
  /** Breaks connections, and takes no new ones. */
  shut(): Promise<void>;
  /** Connections that went through so far. */
  passed(): number;
}

/** A shut one, gone after the test. @param target port on this machine */
export async function createGate(target: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let passed = 0;
  const server = createServer((socket) => {
    passed += 1;
    const other = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listen = (port: number): Promise<void> => new Promise((done) => server.listen(port, "127.0.0.1", done));
  const shut = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  // To know a port that is free.
  await listen(0);
  const { port } = server.address() as AddressInfo;
  await shut();
  onTestFinished(async () => {
    if (server.listening) await shut();
  });
  return { port, open: () => listen(port), shut, passed: () => passed };
}
