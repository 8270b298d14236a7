/** Containers of tsyringe, as they are used here. Only this file imports its code. */
// First on purpose: tsyringe throws at import without it.
import "reflect-metadata";

import {
  container as rootContainer,
  instanceCachingFactory,
  type DependencyContainer,
  type InjectionToken,
} from "tsyringe";

export type { DependencyContainer } from "tsyringe";

/** An empty container of its own: nothing is ever registered in tsyringe's global one. */
export function createContainer(): DependencyContainer {
  return rootContainer.createChildContainer();
}

/** Registers a part that is made when it is first asked for, and only once: a bare factory runs on every resolve. */
export function provide<Part>(
  container: DependencyContainer,
  token: InjectionToken<Part>,
  create: (from: DependencyContainer) => Part,
): void {
  container.register(token, { useFactory: instanceCachingFactory(create) });
}
