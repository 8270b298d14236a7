/**
 * KMS and STS as a token of kmsauth needs them: Encrypt, and who the caller is. What it "encrypts" only the double of
 * Confidant can read. Signatures are the subject of other tests; here each caller is known by its access key.
 */
import type { AwsCredentials } from "../../../src/aws/signature.ts";
import { sendError } from "../../rig/aws-server.ts";
import { serveLoopback, type LoopbackServer, type SeenRequest } from "../../rig/loopback-server.ts";

/** What a ciphertext holds. */
export interface Ciphertext {
  /** Alias of the key. */
  readonly key: string;
  readonly context: Readonly<Record<string, string>>;
  readonly plaintext: string;
}

export interface KmsDouble extends LoopbackServer {
  createKey(alias: string): Promise<unknown>;
  /** Of an IAM user of that name. */
  createUser(name: string): Promise<AwsCredentials>;
}

export async function serveKms(): Promise<KmsDouble> {
  const keys = new Set<string>();
  const users = new Map<string, string>();
  const server = await serveLoopback((request, response) => {
    const [, accessKey = ""] = /Credential=(\w+)\//.exec(request.headers.authorization ?? "") ?? [];
    const user = users.get(accessKey);
    if (user === undefined) return sendError(response, 400, "UnrecognizedClientException");
    if (request.body.startsWith("Action=GetCallerIdentity")) {
      response.end(`<Result><Arn>arn:aws:iam::123456789012:user/${user}</Arn></Result>`);
      return undefined;
    }
    const input = encryptInput(request);
    if (input === undefined) return sendError(response, 400, "UnknownOperationException");
    if (!keys.has(input.key)) return sendError(response, 400, "NotFoundException");
    response.end(JSON.stringify({ CiphertextBlob: sealed(input), KeyId: input.key }));
    return undefined;
  });
  return {
    ...server,
    createKey: async (alias) => keys.add(alias),
    createUser: async (name) => {
      const accessKeyId = `AKIA${users.size}`;
      users.set(accessKeyId, name);
      return { accessKeyId, secretAccessKey: "secret/key" };
    },
  };
}

function encryptInput({ headers, body }: SeenRequest): Ciphertext | undefined {
  if (headers["x-amz-target"] !== "TrentService.Encrypt") return undefined;
  const { KeyId, Plaintext, EncryptionContext } = JSON.parse(body) as Record<string, string> & {
    EncryptionContext: Record<string, string>;
  };
  return { key: KeyId ?? "", context: EncryptionContext, plaintext: Buffer.from(Plaintext ?? "", "base64").toString() };
}

function sealed(ciphertext: Ciphertext): string {
  return Buffer.from(JSON.stringify(ciphertext)).toString("base64");
}

/** @returns undefined for what was encrypted elsewhere */
export function opened(token: string): Ciphertext | undefined {
  try {
    return JSON.parse(Buffer.from(token, "base64").toString()) as Ciphertext;
  } catch {
    return undefined;
  }
}
