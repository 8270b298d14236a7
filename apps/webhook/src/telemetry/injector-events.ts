/** What injectors count beside decisions. It lives longer than they do: a config that is reloaded makes new ones. */

export interface InjectorEvents {
  /** @param event of the injector's own choice */
  readonly count: (injector: string, event: string) => void;
  readonly list: () => readonly InjectorEventCount[];
}

/** How often something happened in an injector. */
export interface InjectorEventCount {
  readonly injector: string;
  readonly event: string;
  readonly count: number;
}

/** Most events of all injectors: one from elsewhere may make them up as it goes. */
const MAX_EVENTS = 200;
const EVENT = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

export function createInjectorEvents(): InjectorEvents {
  const counts = new Map<string, { injector: string; event: string; count: number }>();
  const entry = (injector: string, event: string): { count: number } => {
    const key = `${injector} ${event}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    const fresh = { injector, event, count: 0 };
    counts.set(key, fresh);
    return fresh;
  };
  return {
    count: (injector, event) => {
      const isKnown = counts.has(`${injector} ${event}`);
      const name = isKnown || (EVENT.test(event) && counts.size < MAX_EVENTS) ? event : "other";
      entry(injector, name).count++;
    },
    list: () => [...counts.values()],
  };
}
