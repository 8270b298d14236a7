/**
 * The connections of a server: which of them rest, which goes when there are too many, and which have been there for
 * long enough. Clients that connect and ask for nothing must not keep others out.
 */
import type { IncomingMessage } from "node:http";
import type { Server, Socket } from "node:net";

import { createShedOrder, isIncomplete, type Shed, type ShedOrder } from "./shed-order.ts";

/** One connection; only this file changes it. Times are those of `performance`, in milliseconds. */
export interface Connection {
  readonly opened: number;
  /** When it could be spoken on: after the TLS handshake, where there is one. */
  readonly ready: number;
  /** From when on the next answer is its last. */
  readonly retires: number;
  /** Requests that have come so far. */
  readonly served: number;
}

export interface ConnectionOptions {
  /** Most that are open. */
  readonly max: number;
  /** How long one may last, in milliseconds; give or take a quarter, so that not all end at once. Default: for ever. */
  readonly maxAge?: number;
  readonly onShed: (shed: Shed) => void;
  /**
   * Calls `proceed` when the server may begin with a new connection. Until then it waits for us, not we for it, and
   * is not closed for another one. Default: at once.
   */
  readonly before?: (socket: Socket, proceed: () => void) => void;
}

export interface Connections {
  /** The one that a request came on; none for one that has ended already. */
  readonly of: (socket: Socket) => Connection | undefined;
  /**
   * The head of a request was read. From when the rest is, and until its end, it is not closed for another one.
   * @param now of `performance`
   */
  readonly begin: (connection: Connection, request: IncomingMessage, now: number) => void;
  /** A whole answer was handed over; `end` is when the client has it. */
  readonly answered: (connection: Connection) => void;
  /** @param isTrusted the request was one that the server is there for, so that this one is closed after others */
  readonly end: (connection: Connection, isTrusted: boolean) => void;
  /** Closes those whose client has taken nothing of its answers for so many milliseconds. @returns how many */
  readonly closeUnread: (limit: number) => number;
  /** Closes those that ask for nothing, or have been sending a request for so many milliseconds. */
  readonly closeWaiting: (limit: number) => void;
}

interface Tracked extends Connection {
  /** As it was accepted, below TLS. */
  readonly socket: Socket;
  /** That of TLS on it. */
  secure: Socket | undefined;
  readonly address: string;
  ready: number;
  served: number;
  requests: number;
  /** The last one, until its end, and when its head was read. */
  request: IncomingMessage | undefined;
  began: number;
  isTrusted: boolean;
  /** Answers that the client has not taken yet, and since when it has taken none. */
  answers: number;
  since: number;
}

/** All connections of a server. */
interface Account {
  readonly bySocket: Map<Socket, Tracked>;
  /** Those that TLS is being agreed on with: Node gives TLS a socket of its own. */
  readonly handshaking: Map<string, Tracked>;
  readonly order: ShedOrder<Tracked>;
  open: number;
}

/** Keeps account of the connections of a server. Beyond the most, one goes that waits for its client, if there is any. */
export function trackConnections(server: Server, options: ConnectionOptions): Connections {
  const { before = (_, proceed) => proceed() } = options;
  const account: Account = {
    bySocket: new Map(),
    handshaking: new Map(),
    order: createShedOrder(),
    open: 0,
  };
  // What the server itself does with a connection: TLS and HTTP begin in its own listeners.
  const own = server.listeners("connection");
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const connection = accept(account, socket, options);
    if (connection === undefined) return;
    before(socket, () => {
      if (socket.destroyed) return;
      rest(account, connection);
      for (const listener of own) Reflect.apply(listener, server, [socket]);
    });
  });
  server.on("secureConnection", (socket: Socket) => secured(account, socket));
  return {
    of: (socket) => account.bySocket.get(socket),
    begin: (connection, request, now) => begin(account, connection as Tracked, request, now),
    answered: (connection) => answered(connection as Tracked),
    end: (connection, isTrusted) => end(account, connection as Tracked, isTrusted),
    closeUnread: (limit) => closeUnread(account, limit),
    closeWaiting: (limit) => closeWaiting(account, performance.now() - limit),
  };
}

function accept(account: Account, socket: Socket, { max, maxAge, onShed }: ConnectionOptions): Tracked | undefined {
  if (account.open >= max && !makeRoom(account, onShed)) {
    socket.destroy();
    return undefined;
  }
  const opened = performance.now();
  const retires = maxAge === undefined ? Number.POSITIVE_INFINITY : opened + maxAge * (0.75 + Math.random() / 2);
  const address = addressOf(socket);
  const connection: Tracked = {
    ...{ socket, secure: undefined, address, opened, ready: opened, retires },
    ...{ served: 0, requests: 0, request: undefined, began: 0, isTrusted: false, answers: 0, since: 0 },
  };
  account.open++;
  account.bySocket.set(socket, connection);
  account.handshaking.set(address, connection);
  socket.once("close", () => forget(account, connection));
  return connection;
}

/** @returns whether there is room now */
function makeRoom(account: Account, onShed: (shed: Shed) => void): boolean {
  const first = account.order.shift(performance.now());
  onShed(first?.shed ?? "new");
  first?.connection.socket.destroy();
  return first !== undefined;
}

function secured(account: Account, socket: Socket): void {
  const connection = account.handshaking.get(addressOf(socket));
  if (connection === undefined) return;
  account.handshaking.delete(connection.address);
  connection.ready = performance.now();
  connection.secure = socket;
  account.bySocket.set(socket, connection);
}

function forget(account: Account, connection: Tracked): void {
  account.open--;
  account.bySocket.delete(connection.socket);
  if (connection.secure !== undefined) account.bySocket.delete(connection.secure);
  account.order.remove(connection);
  if (account.handshaking.get(connection.address) === connection) account.handshaking.delete(connection.address);
}

function begin(account: Account, connection: Tracked, request: IncomingMessage, now: number): void {
  connection.served++;
  connection.requests++;
  connection.request = request;
  connection.began = now;
  receive(account, connection);
}

function end(account: Account, connection: Tracked, isTrusted: boolean): void {
  if (isTrusted && !connection.isTrusted) {
    // Its place was among the strangers.
    account.order.remove(connection);
    connection.isTrusted = true;
  }
  connection.requests--;
  if (connection.answers > 0) connection.answers--;
  if (connection.answers > 0) connection.since = performance.now();
  if (connection.requests > 0) receive(account, connection);
  else rest(account, connection);
}

function answered(connection: Tracked): void {
  if (connection.answers === 0) connection.since = performance.now();
  connection.answers++;
}

/** While an earlier request is being worked on, its answer is what the others wait for. */
function closeUnread({ bySocket }: Account, limit: number): number {
  const latest = performance.now() - limit;
  let closed = 0;
  for (const { socket, answers, requests, since } of bySocket.values()) {
    if (answers === 0 || answers < requests || since > latest || socket.destroyed) continue;
    socket.destroy();
    closed++;
  }
  return closed;
}

function closeWaiting({ bySocket }: Account, latest: number): void {
  for (const connection of bySocket.values())
    if (connection.requests === 0 || (isIncomplete(connection) && connection.began <= latest))
      connection.socket.destroy();
}

function receive({ order }: Account, connection: Tracked): void {
  if (!connection.socket.destroyed) order.receive(connection);
}

function rest({ order }: Account, connection: Tracked): void {
  connection.request = undefined;
  if (!connection.socket.destroyed) order.rest(connection);
}

/** The same for the socket that was accepted and for that of TLS on it. */
function addressOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
