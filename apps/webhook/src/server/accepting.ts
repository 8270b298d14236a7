/**
 * Node accepts a single connection in each turn of its event loop (libuv 1.45 and later). While a turn is long, the
 * others wait in the system's queue, which has room for 511, and nobody knows since when. So work that can wait lets
 * turns go by as long as each of them brings a connection.
 */
export interface Accepting {
  /** A connection was accepted. */
  readonly note: () => void;
  /** A wait for turns that bring no more connections, of one who works once in a turn. */
  readonly patience: () => () => boolean;
}

/** Most turns that go by in a row; an idle one takes some 20 us. */
const MAX_TURNS = 64;

export function createAccepting(): Accepting {
  let accepted = 0;
  return {
    note: () => {
      accepted++;
    },
    patience: () => {
      let seen = 0;
      let turns = 0;
      return () => {
        const waits = accepted !== seen && turns < MAX_TURNS;
        seen = accepted;
        turns = waits ? turns + 1 : 0;
        return waits;
      };
    },
  };
}
