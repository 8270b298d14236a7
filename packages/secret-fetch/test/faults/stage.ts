/** What can be arranged before a round begins: the container, the request, and the servers that it asks. */
import type { FailureKind } from "../../src/failure.ts";
import type { FetchItem, FetchRequest } from "../../src/request.ts";
import type { Fault, FaultyServer } from "../rig/faulty-server.ts";
import { temporaryFolder } from "../rig/volume.ts";

export const VALUE = "correct horse battery staple";
export const OTHER = "another value of the same pod";

/** What a row may change before the round begins. */
export interface Stage {
  /** Has the secrets. */
  readonly store: FaultyServer;
  readonly volume: string;
  /** Lets the time limit of the calls that are open now pass. */
  readonly expire: () => void;
  readonly stop: () => void;
  /** Another value in the place of {@link VALUE}. */
  readonly put: (value: string) => void;
  /** Another server in the place of the store. */
  readonly replaceStore: (url: URL | string, settings?: object) => void;
  env: Readonly<Record<string, string>>;
  files: Readonly<Record<string, string>>;
  now: () => number;
  /** What answers at 169.254.169.254. */
  node?: URL;
  settings: Readonly<Record<string, unknown>>;
  source: Readonly<Record<string, unknown>>;
  item: Partial<FetchItem>;
  request: Partial<FetchRequest>;
}

/** One fault. */
export interface Row<Staging extends Stage = Stage> {
  readonly when: string;
  readonly arrange: (stage: Staging) => void | Promise<void>;
  readonly kind: FailureKind;
  readonly message: RegExp;
}

/** How a store is set on the stage, with {@link VALUE} and {@link OTHER} in it. */
export interface Scene<Staging extends Stage = Stage> {
  /** Name of the provider. */
  readonly use: string;
  /** Which secret has {@link OTHER}. */
  readonly other: Readonly<Record<string, unknown>>;
  /** What no message may hold, beside the values. */
  readonly confidential: readonly string[];
  set(basis: StageBasis): Promise<Staging>;
}

/** What every stage has, whatever the store. */
export type StageBasis = Pick<Stage, "volume" | "expire" | "stop" | "files" | "now" | "item" | "request">;

/** An empty volume, and nothing of note. */
export function stageBasis(change: Partial<StageBasis> = {}): StageBasis {
  const nothing = { files: {}, item: {}, request: {} };
  return { volume: temporaryFolder(), expire: () => {}, stop: () => {}, now: Date.now, ...nothing, ...change };
}

/** Every call gets this answer. */
export const always =
  (fault: Fault): Row["arrange"] =>
  ({ store }) => {
    store.faults.push(...Array.from({ length: 100 }, () => fault));
  };
export const answer = (
  status: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Row["arrange"] => always((response) => response.writeHead(status, headers).end(body));
export const jsonAnswer = (status: number, fields: object, headers: Record<string, string> = {}): Row["arrange"] =>
  answer(status, JSON.stringify(fields), { "content-type": "application/json", ...headers });

/** The pod wants two secrets; what is arranged concerns the first, or both. */
export function requestOf(scene: Scene, stage: Stage, required: boolean): FetchRequest {
  const { volume, settings, source, item, request } = stage;
  return {
    version: 1,
    volume,
    providers: { store: { use: scene.use, settings } },
    items: [
      { name: "db/password", provider: "store", source, required, files: [{ path: "db" }], ...item },
      { name: "other", provider: "store", source: scene.other, files: [{ path: "other" }] },
    ],
    deadlineSeconds: 10,
    ...request,
  };
}
