/** AWS on 127.0.0.1: moto's server, with Secrets Manager, STS, IAM, KMS and DynamoDB in memory. */
import { awsJson, awsQuery, type AwsInput, type AwsService } from "./aws-calls.ts";
import { installedPython } from "./installation.ts";
import { startServer, type RunningServer } from "./server.ts";

export interface MotoOptions {
  /**
   * Whether moto checks signatures and IAM policies, as AWS does. Then only the credentials of users and roles that
   * were created in it are taken; without, any are.
   */
  readonly checksAuthorization?: boolean;
}

/** Credentials as they stand in the environment of a container. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Moto extends RunningServer {
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
  /** Calls a service as an administrator, whatever is checked otherwise. @returns the answer. @throws Error for a fault */
  admin(service: AwsService, action: string, input: AwsInput): Promise<Record<string, unknown>>;
  /**
   * Creates an IAM user with an access key.
   * @param actions what it may do, such as `kms:Encrypt`; with all resources
   */
  createUser(name: string, actions: readonly string[]): Promise<AwsCredentials>;
  /** Creates an IAM role that anybody may assume. @param actions what it may do; with all resources. @returns its ARN */
  createRole(name: string, actions: readonly string[]): Promise<string>;
  /** Creates a KMS key with an alias. @returns its ARN */
  createKey(alias: string): Promise<string>;
}

const REGION = "us-east-1";
/** Of moto, unless it is told another. */
const ACCOUNT = "123456789012";

/** @throws ServerError `E_SERVER_NO_PYTHON`, `E_SERVER_INSTALL`, `E_SERVER_START`; ClusterError `E_CLUSTER_START` */
export async function startMoto({ checksAuthorization = false }: MotoOptions = {}): Promise<Moto> {
  const server = await startServer({
    name: "moto",
    python: await installedPython("moto"),
    args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
    env: { INITIAL_NO_AUTH_ACTION_COUNT: checksAuthorization ? "0" : "inf" },
    listening: /Running on (http:\/\/127\.0\.0\.1:\d+)/,
    readyPath: "/moto-api/data.json",
  });
  const { url } = server;
  const unchecked = checksAuthorization ? uncheckedIn(url) : <Result>(work: () => Promise<Result>) => work();
  const admin: Moto["admin"] = (service, action, input) =>
    unchecked(() => awsJson({ url, region: REGION, service, action, input }));
  return {
    ...server,
    region: REGION,
    account: ACCOUNT,
    admin,
    createUser: (name, actions) => unchecked(() => createUser(url, name, actions)),
    createRole: (name, actions) => unchecked(() => createRole(url, name, actions)),
    createKey: async (alias) => {
      const { KeyMetadata } = await admin("kms", "CreateKey", {});
      const { KeyId, Arn } = KeyMetadata as { KeyId: string; Arn: string };
      await admin("kms", "CreateAlias", { AliasName: alias, TargetKeyId: KeyId });
      return Arn;
    },
  };
}

/**
 * Opens the server for the time of some work: there is no other way to create the first user.
 * https://docs.getmoto.org/en/latest/docs/iam.html
 */
function uncheckedIn(url: string): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const allow = (count: string): Promise<unknown> =>
    fetch(`${url}/moto-api/reset-auth`, { method: "POST", body: count });
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(async () => {
      await allow("inf");
      try {
        return await work();
      } finally {
        await allow("0");
      }
    });
    // One at a time: the end of one must not close the server to another.
    last = result.catch(() => undefined);
    return result;
  };
}

async function createRole(url: string, name: string, actions: readonly string[]): Promise<string> {
  const iam = (action: string, input: Readonly<Record<string, string>>): Promise<string> =>
    awsQuery({ url, region: REGION, service: "iam", action, input: { RoleName: name, ...input } });
  const trust = {
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"],
  };
  const answer = await iam("CreateRole", {
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
  });
  await iam("PutRolePolicy", { PolicyName: "allowed", PolicyDocument: policyFor(actions) });
  return /<Arn>([^<]+)<\/Arn>/.exec(answer)?.[1] ?? "";
}

function policyFor(actions: readonly string[]): string {
  const statement = { Effect: "Allow", Action: actions, Resource: "*" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

async function createUser(url: string, name: string, actions: readonly string[]): Promise<AwsCredentials> {
  const iam = (action: string, input: Readonly<Record<string, string>>): Promise<string> =>
    awsQuery({ url, region: REGION, service: "iam", action, input: { UserName: name, ...input } });
  await iam("CreateUser", {});
  await iam("PutUserPolicy", { PolicyName: "allowed", PolicyDocument: policyFor(actions) });
  const answer = await iam("CreateAccessKey", {});
  const field = (tag: string): string => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(answer)?.[1] ?? "";
  return { accessKeyId: field("AccessKeyId"), secretAccessKey: field("SecretAccessKey") };
}
