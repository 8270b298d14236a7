/** Ways to break an injector: each takes a good one and adds a single fault. */
import {
  injected,
  type Container,
  type Injection,
  type InjectionContext,
  type InjectorPlugin,
  type Pod,
  type PodSpec,
  type SecretInjector,
  type SecretRequest,
} from "@pod-secrets/core";

import type { InjectorCases } from "../../src/index.ts";
import { FETCHER_CASES, fetcherInjector } from "./fetcher.ts";
import { SAMPLE_CASES, sampleInjector } from "./sample.ts";

/** An injector with one fault, and the check that is meant for it. */
export interface Broken {
  /** What is wrong with it. */
  readonly fault: string;
  readonly plugin: InjectorPlugin;
  readonly cases: InjectorCases;
  /** Id of the check. */
  readonly caughtBy: string;
  /** What the check says. */
  readonly says: RegExp;
}

type Inject = (pod: Pod, request: SecretRequest, context: InjectionContext) => Injection | Promise<Injection>;
type Edit = (pod: Pod, request: SecretRequest, context: InjectionContext, original: Pod) => Pod;

/** A sample injector under test, by name. */
const SAMPLES = {
  sample: { plugin: sampleInjector, cases: SAMPLE_CASES },
  fetcher: { plugin: fetcherInjector, cases: FETCHER_CASES },
} as const;

export type SampleName = keyof typeof SAMPLES;

export interface Caught {
  readonly fault: string;
  readonly by: string;
  readonly says: RegExp;
  readonly sample?: SampleName;
  readonly cases?: Partial<InjectorCases>;
}

/** A sample whose plugin object is changed. */
export function brokenPlugin(caught: Caught, change: (plugin: InjectorPlugin) => InjectorPlugin): Broken {
  const { plugin, cases } = SAMPLES[caught.sample ?? "sample"];
  return {
    fault: caught.fault,
    plugin: change(plugin),
    cases: { ...cases, ...caught.cases },
    caughtBy: caught.by,
    says: caught.says,
  };
}

/** A sample whose injector is changed; each injector that is made has a memory of its own. */
export function brokenInjector(caught: Caught, change: (good: SecretInjector) => Inject): Broken {
  return brokenPlugin(caught, (plugin) => ({
    ...plugin,
    create: async (options, host) => {
      const good = await plugin.create(options, host);
      return { ...good, inject: change(good) };
    },
  }));
}

/** A sample whose result is changed where it injects. `original` is the pod that it got. */
export function brokenResult(caught: Caught, edit: Edit): Broken {
  return brokenInjector(caught, (good) => (pod, request, context) => {
    const injection = good.inject(pod, request, context) as Injection;
    return injection.outcome === "injected" ? injected(edit(injection.pod, request, context, pod)) : injection;
  });
}

/** The pod with another spec. */
export function respec(pod: Pod, change: (spec: PodSpec) => Partial<PodSpec>): Pod {
  const spec = pod.spec ?? { containers: [] };
  return { ...pod, spec: { ...spec, ...change(spec) } };
}

/** The pod with other containers; init containers stay. */
export function remap(pod: Pod, change: (container: Container) => Container): Pod {
  return respec(pod, ({ containers }) => ({ containers: containers.map(change) }));
}

/** The pod with one more annotation. */
export function annotate(pod: Pod, key: string, value: string): Pod {
  return { ...pod, metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, [key]: value } } };
}
