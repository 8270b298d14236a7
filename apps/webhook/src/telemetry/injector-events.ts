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
  const counts = new Map<string, InjectorEventCount>();
  const keyOf = (injector: string, event: string): string => `${injector} ${event}`;
  return {
    count: (injector, event) => {
      const isKept = counts.has(keyOf(injector, event)) || (EVENT.test(event) && counts.size < MAX_EVENTS);
      const name = isKept ? event : "other";
      const key = keyOf(injector, name);
      const entry = counts.get(key) ?? { injector, event: name, count: 0 };
      counts.set(key, { ...entry, count: entry.count + 1 });
    },
    list: () => [...counts.values()],
  };
}
