/** What the author of an injector tells the suite. */
import type { ErrorCode, InjectorMeta, InjectorPlugin, Pod, SecretRequest } from "@pod-secrets/core";

import type { LookupNames } from "../flytekit-lookup.ts";
import type { RequestFields } from "../requests.ts";

/** What the injector has, and what it has not. */
export interface InjectorCases {
  /** Options as they would stand in the config file. `{}` when left out. */
  readonly options?: unknown;
  /**
   * Requests that it must inject: at least one for each mount requirement that it gives. The suite makes variations
   * of them.
   */
  readonly injects: readonly RequestFields[];
  /** What it gives with these options, where that is less than its `meta.mounts` declares. */
  readonly mounts?: InjectorMeta["mounts"];
  /** Requests that it must pass on to the next manager. */
  readonly skips?: readonly RequestFields[];
  /** Requests that it must refuse, with the code. */
  readonly refuses?: readonly RefusedCase[];
  /**
   * The n-th of a hundred different secrets that it has, n from 0. When left out: the `injects` in turn, with
   * `-<n>` at the end of the key.
   */
  readonly nth?: (index: number) => RequestFields;
  /**
   * Paths of the files that this pod will have although its spec does not list them: an init container writes
   * them, or another webhook, or a CSI driver. The injector alone knows how to read that off a pod. Needed when
   * it gives files by other means than `items` of a volume.
   */
  readonly files?: (pod: Pod) => readonly string[];
  /**
   * What the task gives to `secrets.get` for a request. When left out: its group and key. Only for managers
   * that name a secret by other fields of the request.
   */
  readonly lookup?: (request: SecretRequest) => LookupNames;
  /** Gives a pod what the injector needs in it, such as a label. */
  readonly prepare?: (pod: Pod) => Pod;
}

/** A request that is this injector's, and wrong. */
export interface RefusedCase extends RequestFields {
  readonly code: ErrorCode;
  /** The pod, where that is what makes the request wrong. */
  readonly pod?: Pod;
}

/** A plugin under test, with its cases and how hard to look. */
export interface Subject {
  readonly plugin: InjectorPlugin;
  readonly cases: InjectorCases;
  /** Runs of each property. */
  readonly runs: number;
  /** Seed of the random values, when a run is to be repeated. */
  readonly seed?: number;
}

/** One thing that the suite proves. */
export interface Check {
  /** Short and stable: `idempotence/second-admission`. */
  readonly id: string;
  /** As it stands in the test report. */
  readonly title: string;
  /**
   * @throws Error that says what is wrong
   */
  readonly run: (subject: Subject) => Promise<void>;
}

/** The n-th of many secrets of the injector. */
export function nthRequest({ injects, nth }: InjectorCases, index: number): RequestFields {
  if (nth !== undefined) return nth(index);
  const base = injects[index % injects.length] ?? {};
  return { ...base, key: `${base.key ?? ""}-${index}` };
}
