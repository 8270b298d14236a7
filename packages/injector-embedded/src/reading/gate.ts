/** Lets so many in at once; the others wait for their turn, for a while. */

/** Called when whoever was let in is done. */
export type Leave = () => void;

export interface Gate {
  /** @returns undefined when there was no room within so many milliseconds */
  enter(milliseconds: number): Promise<Leave | undefined>;
}

export function createGate(atOnce: number): Gate {
  let inside = 0;
  const waiting = new Set<() => void>();
  const leave = (): void => {
    inside--;
    const [next] = waiting;
    next?.();
  };
  const letIn = (): Leave => {
    inside++;
    return leave;
  };
  return {
    async enter(milliseconds) {
      if (inside < atOnce) return letIn();
      const { promise, resolve } = Promise.withResolvers<Leave | undefined>();
      const end = (left: Leave | undefined): void => {
        clearTimeout(timer);
        waiting.delete(call);
        resolve(left);
      };
      const call = (): void => end(letIn());
      const timer = setTimeout(end, milliseconds, undefined);
      waiting.add(call);
      return promise;
    },
  };
}
