/** Credentials from addresses of the node: the EKS Pod Identity agent, and the instance metadata service. */
import { FetchFailure } from "../failure.ts";
import type { HttpResponse } from "../http.ts";
import { parseJsonObject, textField, type JsonObject } from "../json-object.ts";
import type { ProviderHost } from "../provider.ts";
import type { AwsCredentials } from "./signature.ts";
import { readToken } from "../identity/token-file.ts";

/** Where the agents listen (EKS User Guide, ECS Developer Guide): nothing else may be asked in the clear. */
const AGENTS = new Set(["169.254.170.23", "[fd00:ec2::23]", "169.254.170.2", "127.0.0.1", "localhost", "[::1]"]);

/** The instance metadata service (EC2 User Guide, IMDSv2). */
const METADATA = "http://169.254.169.254";
const ROLES = "/latest/meta-data/iam/security-credentials/";

/** EKS Pod Identity, by the env vars that its webhook sets. @throws FetchFailure */
export async function readContainerCredentials(host: ProviderHost, signal: AbortSignal): Promise<AwsCredentials> {
  const { env, readFile, http } = host;
  const url = agentUrl(env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? "");
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] ?? "";
  const token = file === "" ? (env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] ?? "") : await readToken(readFile, file);
  const headers = token === "" ? {} : { authorization: token };
  const response = await http({ method: "GET", url, headers, signal });
  return credentialsIn("the EKS Pod Identity agent", response);
}

function agentUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "https:" || (url.protocol === "http:" && AGENTS.has(url.hostname)))) return url;
  throw new FetchFailure(
    "wrong-request",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI of the container names no address of its node",
    "Leave the variable to the EKS Pod Identity webhook.",
  );
}

/** The role of the node itself. @throws FetchFailure */
export async function readNodeCredentials({ http }: ProviderHost, signal: AbortSignal): Promise<AwsCredentials> {
  const name = "the instance metadata service";
  const ask = async (method: "GET" | "PUT", path: string, headers: Readonly<Record<string, string>>) => {
    const response = await http({ method, url: new URL(path, METADATA), headers, signal });
    if (response.status === 200) return response;
    throw refused(name, response);
  };
  const session = await ask("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "60" });
  const headers = { "x-aws-ec2-metadata-token": textOf(session) };
  const role = textOf(await ask("GET", ROLES, headers)).split("\n", 1)[0] ?? "";
  if (!/^[\w+=,.@-]{1,64}$/.test(role)) throw unreadable(name);
  return credentialsIn(name, await ask("GET", ROLES + role, headers));
}

function credentialsIn(name: string, response: HttpResponse): AwsCredentials {
  if (response.status !== 200) throw refused(name, response);
  const fields: JsonObject = parseJsonObject(response.body) ?? {};
  const accessKeyId = textField(fields, "AccessKeyId") ?? "";
  const secretAccessKey = textField(fields, "SecretAccessKey") ?? "";
  const sessionToken = textField(fields, "Token");
  if (accessKeyId === "" || secretAccessKey === "") throw unreadable(name);
  return { accessKeyId, secretAccessKey, sessionToken };
}

function refused(name: string, { status }: HttpResponse): FetchFailure {
  const kind = status === 429 ? "throttled" : status >= 500 ? "unavailable" : "unauthenticated";
  const fix = "Check that the pod's service account is associated with a role.";
  return new FetchFailure(kind, `${name} gives no credentials (HTTP ${status})`, fix);
}

function unreadable(name: string): FetchFailure {
  const cause = `the answer of ${name} holds no credentials`;
  return new FetchFailure("invalid-answer", cause, "Check what answers at its address.");
}

function textOf({ body }: HttpResponse): string {
  return new TextDecoder().decode(body).trim();
}
