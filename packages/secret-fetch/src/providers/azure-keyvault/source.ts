/** How an item names a secret of Azure Key Vault. */
import * as z from "zod/mini";

import { lineOfText } from "../../settings.ts";

export interface AzureSecretSource {
  /** `NAME`, or `https://VAULT.vault.azure.net/secrets/NAME`. */
  readonly secret: string;
  /** Id of a version; the current one when left out. */
  readonly version?: string | undefined;
  /** Key of a JSON object; the whole secret when left out. */
  readonly jsonKey?: string | undefined;
}

/** A secret's name, taken apart. */
export interface AzureSecretName {
  /** The vault's origin; undefined for a bare name. */
  readonly vault: URL | undefined;
  readonly name: string;
}

// Key Vault, "Objects, identifiers, and versioning": letters, digits and hyphens, at most 127.
const NAME = "[0-9A-Za-z-]{1,127}";
const SECRET = new RegExp(`^(?:(https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?)/secrets/)?(${NAME})$`);

/** @returns undefined for what is none */
export function parseSecretName(text: string): AzureSecretName | undefined {
  const [, origin, name] = SECRET.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (origin === undefined) return { vault: undefined, name };
  const vault = URL.parse(origin);
  return vault === null ? undefined : { vault, name };
}

export const azureSecretSource: z.ZodMiniType<AzureSecretSource> = z.strictObject({
  secret: z.string().check(
    z.maxLength(512),
    z.refine(
      (text) => parseSecretName(text) !== undefined,
      "is neither a name nor https://VAULT.vault.azure.net/secrets/NAME",
    ),
  ),
  version: z.optional(z.string().check(z.regex(/^[0-9A-Fa-f]{32}$/, "is no id of a version: 32 hexadecimal digits"))),
  jsonKey: z.optional(lineOfText(1024)),
});
