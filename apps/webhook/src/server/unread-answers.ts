/** Clients that do not take their answer: it and the connection would stay for as long as they like. */
import type { ServerResponse } from "node:http";

export interface UnreadAnswers {
  /** The whole answer has been given to the connection. */
  readonly watch: (response: ServerResponse) => void;
  /** It was taken, or the client has gone. */
  readonly forget: (response: ServerResponse) => void;
}

/** How often the time is looked at, in milliseconds. */
const INTERVAL = 1000;

interface Term {
  /** Of `performance`, in milliseconds. */
  readonly end: number;
  readonly isItsTurn: boolean;
}

/**
 * Closes the connection of a client that takes longer than so many milliseconds. There is one timer for all answers,
 * not one for each: nearly all are taken at once.
 */
export function watchUnreadAnswers(limit: number, onUnread: () => void): UnreadAnswers {
  /** By when each must be taken, the earliest first. */
  const given = new Map<ServerResponse, Term>();
  let timer: NodeJS.Timeout | undefined;
  const add = (response: ServerResponse, now: number): void => {
    // Answers to earlier requests on its connection come first: until then it has no socket, and its time runs anew.
    given.set(response, { end: now + limit, isItsTurn: response.socket !== null });
  };
  const look = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const [response, { end, isItsTurn }] of given) {
      if (now < end) break;
      given.delete(response);
      if (isItsTurn) {
        onUnread();
        response.socket?.destroy();
      } else add(response, now);
    }
    if (given.size > 0) schedule();
  };
  const schedule = (): void => {
    timer ??= setTimeout(look, Math.min(INTERVAL, limit)).unref();
  };
  return {
    watch: (response) => {
      add(response, performance.now());
      schedule();
    },
    forget: (response) => given.delete(response),
  };
}
