/** Opens a port, and says why it cannot be opened. */
import type { AddressInfo, Server } from "node:net";

export type Listening =
  | { readonly ok: true; readonly address: AddressInfo }
  | { readonly ok: false; readonly message: string; readonly fix: string };

/** Starts a server. Port 0 takes a free one. */
export function listen(server: Server, host: string, port: number): Promise<Listening> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      resolve({ ok: false, ...explain(error, host, port) });
    };
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve({ ok: true, address: server.address() as AddressInfo });
    });
  });
}

function explain({ code }: NodeJS.ErrnoException, host: string, port: number): { message: string; fix: string } {
  const at = `${host}:${port}`;
  switch (code) {
    case "EADDRINUSE":
      return {
        message: `${at} is in use`,
        fix: `Stop the process that uses it (\`ss -ltnp 'sport = :${port}'\` names it), or choose another port.`,
      };
    case "EACCES":
      return { message: `${at} may not be opened by this user`, fix: "Choose a port from 1024 on." };
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return { message: `${at} is no address of this machine`, fix: "Use 0.0.0.0, ::, or an address of this machine." };
    default:
      return { message: `${at} cannot be opened (${code ?? "unknown error"})`, fix: "Choose another address or port." };
  }
}
