/** What can be arranged before a round begins: the container, the request, and the servers that it asks. */
import { onTestFinished } from "vitest";
import type { FailureKind } from "../../src/failure.ts";
import type { FetchItem, FetchRequest } from "../../src/request.ts";
import { STATIC, sendError, serveAws, type AwsServer, type Fault } from "../rig/aws-server.ts";
import type { TestRound } from "../rig/round.ts";
import { temporaryFolder } from "../rig/volume.ts";

export const VALUE = "correct horse battery staple";
export const OTHER = "another value of the same pod";
export const ROLE = "arn:aws:iam::123456789012:role/reader";
export const STATIC_ENV = { AWS_ACCESS_KEY_ID: STATIC.accessKeyId, AWS_SECRET_ACCESS_KEY: STATIC.secretAccessKey };

/** What a row may change before the round begins. */
export interface Stage {
  readonly aws: AwsServer;
  readonly volume: string;
  /** Lets the time limit of the calls that are open now pass. */
  readonly expire: () => void;
  readonly stop: () => void;
  env: Readonly<Record<string, string>>;
  files: Readonly<Record<string, string>>;
  now: () => number;
  settings: Readonly<Record<string, unknown>>;
  source: Readonly<Record<string, unknown>>;
  item: Partial<FetchItem>;
  request: Partial<FetchRequest>;
}

export interface Row {
  readonly when: string;
  readonly arrange: (stage: Stage) => void | Promise<void>;
  readonly kind: FailureKind;
  readonly message: RegExp;
}

/** Every call gets this answer. */
export const always =
  (fault: Fault) =>
  ({ aws }: Stage): void => {
    aws.faults.push(...Array.from({ length: 100 }, () => fault));
  };
export const error = (status: number, name: string, message?: string): Row["arrange"] =>
  always((response) => sendError(response, status, name, message));
export const answer = (
  status: number,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Row["arrange"] => always((response) => response.writeHead(status, headers).end(body));
export const secretAnswer = (fields: object): Row["arrange"] => answer(200, JSON.stringify(fields));

/** Another server in the place of AWS. */
export async function replaceAws(stage: Stage, url: URL | string, settings: object = {}): Promise<void> {
  stage.settings = { endpoints: { secretsmanager: url.toString() }, ...settings };
}

export async function setStage(): Promise<{ readonly stage: Stage; readonly use: (round: TestRound) => void }> {
  const aws = await serveAws();
  onTestFinished(() => aws.close());
  aws.secrets.set("db", { SecretString: VALUE });
  aws.secrets.set("other", { SecretString: OTHER });
  let round: TestRound | undefined;
  const endpoints = { secretsmanager: aws.url.href, sts: aws.url.href };
  const stage: Stage = {
    aws,
    volume: temporaryFolder(),
    expire: () => round?.clock.expire(),
    stop: () => round?.stop.abort(),
    env: STATIC_ENV,
    files: {},
    now: Date.now,
    settings: { region: "us-east-1", endpoints },
    source: { secretId: "db" },
    item: {},
    request: {},
  };
  return { stage, use: (used) => void (round = used) };
}

/** The pod wants two secrets; what is arranged concerns the first, or both. */
export function requestOf({ volume, settings, source, item, request, aws }: Stage, required: boolean): FetchRequest {
  const endpoints = { secretsmanager: aws.url.href, sts: aws.url.href };
  const all = { region: "us-east-1", ...settings };
  return {
    version: 1,
    volume,
    providers: {
      aws: {
        use: "aws-secretsmanager",
        settings: { ...all, endpoints: { ...endpoints, ...(settings["endpoints"] as object) } },
      },
    },
    items: [
      { name: "db/password", provider: "aws", source, required, files: [{ path: "db" }], ...item },
      { name: "other", provider: "aws", source: { secretId: "other" }, files: [{ path: "other" }] },
    ],
    deadlineSeconds: 10,
    ...request,
  };
}
