/** A Confidant that tests fill: the real one in `e2e`, its double in `npm test`. */
import type { AwsCredentials } from "../../../src/aws/signature.ts";

export interface CredentialInput {
  readonly name: string;
  readonly pairs: Readonly<Record<string, string | number | boolean | null>>;
  readonly isEnabled?: boolean;
}

export interface ServiceInput {
  readonly credentialIds: readonly string[];
  readonly blindIds?: readonly string[];
  readonly isEnabled?: boolean;
}

/** With its KMS. */
export interface ConfidantRig {
  readonly url: string;
  /** KMS and STS. */
  readonly aws: { readonly url: string; readonly region: string };
  /** Alias of the key that tokens are encrypted with. */
  readonly authKey: string;
  /** Whom tokens are for. */
  readonly authContext: string;
  createKey(alias: string): Promise<unknown>;
  /** A user that may use KMS. */
  createUser(name: string): Promise<AwsCredentials>;
  /** @returns its id */
  createCredential(input: CredentialInput): Promise<string>;
  /** @returns the number of the new revision */
  reviseCredential(id: string, input: CredentialInput): Promise<number>;
  /** @returns its id */
  createBlindCredential(name: string): Promise<string>;
  /** @returns the number of the new revision */
  putService(id: string, input: ServiceInput): Promise<number>;
  stop(): Promise<void>;
}

/** Of the key `password` of `db creds/eu`. */
export const TEXT = `p&<>"'w\u00f6rd\nline2\n`;

/** Puts there what the table of the contract asks for. @returns the identity of the user `orders` */
export async function fill(rig: ConfidantRig): Promise<AwsCredentials> {
  await rig.createKey("alias/other");
  const pairs = { Password: TEXT, port: 5432, tls: true, empty: "", nothing: null };
  const db = await rig.createCredential({ name: "db creds/eu", pairs });
  const off = await rig.createCredential({ name: "switched off", pairs: { old: "value" }, isEnabled: false });
  const revised = await rig.createCredential({ name: "revised", pairs: { token: "one" } });
  await rig.reviseCredential(revised, { name: "revised", pairs: { token: "two" } });
  const billing = await rig.createCredential({ name: "of billing", pairs: { invoice: "value" } });
  const sealed = await rig.createBlindCredential("sealed");
  await rig.putService("orders", { credentialIds: [db, off, revised], blindIds: [sealed] });
  await rig.putService("billing", { credentialIds: [billing] });
  await rig.putService("closed", { credentialIds: [db], isEnabled: false });
  return rig.createUser("orders");
}
