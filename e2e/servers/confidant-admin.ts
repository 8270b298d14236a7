/** What an administrator does in Confidant, over its HTTP API. */

/** A credential, as an administrator writes it. */
export interface CredentialInput {
  readonly name: string;
  /** Confidant lower-cases the keys. A value may be a number or a boolean as well. */
  readonly pairs: Readonly<Record<string, string | number | boolean | null>>;
  readonly isEnabled?: boolean;
}

/** A service, as an administrator writes it. */
export interface ServiceInput {
  /** Of the credentials that it may read. */
  readonly credentialIds: readonly string[];
  /** Of its blind ones. */
  readonly blindIds?: readonly string[];
  readonly isEnabled?: boolean;
}

export interface ConfidantAdmin {
  /** @returns the id that Confidant gives it */
  createCredential(input: CredentialInput): Promise<string>;
  /** Makes the next revision of a credential. @returns its number */
  reviseCredential(id: string, input: CredentialInput): Promise<number>;
  /** Creates a credential that only its clients could decrypt. @returns the id that Confidant gives it */
  createBlindCredential(name: string): Promise<string>;
  /** Creates a service, or makes its next revision. @returns the number of the revision */
  putService(id: string, input: ServiceInput): Promise<number>;
}

/** @param headers by which Confidant knows an administrator */
export function confidantAdmin(url: string, headers: Readonly<Record<string, string>>): ConfidantAdmin {
  const send = senderTo(url, headers);
  return {
    createCredential: async (input) => (await send("POST", "/v1/credentials", credential(input))).id,
    reviseCredential: async (id, input) => (await send("PUT", `/v1/credentials/${id}`, credential(input))).revision,
    createBlindCredential: async (name) => (await send("POST", "/v1/blind_credentials", blindCredential(name))).id,
    putService: async (id, { credentialIds, blindIds = [], isEnabled = true }) => {
      const body = { credentials: credentialIds, blind_credentials: blindIds, enabled: isEnabled };
      return (await send("PUT", `/v1/services/${encodeURIComponent(id)}`, body)).revision;
    },
  };
}

/** A change that leaves out name or pairs is a fault of the server: it gets all of them. */
function credential({ name, pairs, isEnabled = true }: CredentialInput): object {
  return { name, credential_pairs: pairs, enabled: isEnabled, documentation: "Of a test.", metadata: {} };
}

/** Whose ciphertext is none: Confidant never looks into it. */
function blindCredential(name: string): object {
  return {
    ...{ name, enabled: true, documentation: "Of a test.", metadata: {} },
    ...{ cipher_type: "fernet", cipher_version: 2, data_key: { "us-east-1": "a2V5" } },
    ...{ credential_keys: ["bk"], credential_pairs: { "us-east-1": "ciphertext" } },
  };
}

/** What an answer is read for. */
interface Written {
  readonly id: string;
  readonly revision: number;
}

type Send = (method: "POST" | "PUT", path: string, body: object) => Promise<Written>;

/** A change needs the token that any answer sets as a cookie: its guard against forged requests of a browser. */
function senderTo(url: string, identity: Readonly<Record<string, string>>): Send {
  return async (method, path, body) => {
    const { headers: cookies } = await fetch(`${url}/v1/user/email`, { headers: identity });
    const cookie = cookies.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
    const token = cookie.find((pair) => pair.startsWith("XSRF-TOKEN="))?.slice("XSRF-TOKEN=".length) ?? "";
    const headers = {
      ...identity,
      "Content-Type": "application/json",
      Cookie: cookie.join("; "),
      "X-XSRF-TOKEN": token,
    };
    const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Written;
    throw new Error(`Confidant: ${method} ${path}: ${response.status} ${text}`);
  };
}
