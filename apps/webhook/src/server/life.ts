/** Where the process stands between start and end. */
export interface Life {
  readonly isDraining: () => boolean;
  /** From now on no new work is wanted. */
  readonly startDraining: () => void;
  readonly isListening: () => boolean;
  readonly startListening: () => void;
}

export function createLife(): Life {
  let isListening = false;
  let isDraining = false;
  return {
    isDraining: () => isDraining,
    startDraining: () => {
      isDraining = true;
    },
    isListening: () => isListening,
    startListening: () => {
      isListening = true;
    },
  };
}
