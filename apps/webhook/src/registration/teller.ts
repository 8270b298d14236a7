/** Of one trouble, the same text is told once. */
export interface Teller {
  /** Whether the text has not been told yet; from now on it has. */
  isNew(text: string): boolean;
  hasTold(): boolean;
  /** The trouble is over. */
  reset(): void;
}

export function createTeller(): Teller {
  const told = new Set<string>();
  return {
    isNew: (text) => {
      const isNew = !told.has(text);
      told.add(text);
      return isNew;
    },
    hasTold: () => told.size > 0,
    reset: () => told.clear(),
  };
}
