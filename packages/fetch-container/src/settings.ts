/** Parts of the schemas of settings that managers share; the grammar is that of the program. */
import { isPrivateWay, isServerUrl } from "@pod-secrets/secret-fetch/request";
import * as z from "zod";

/** Schema of the address of a server. */
export const serverUrl: z.ZodType<string> = z
  .string()
  .max(2048)
  .regex(/^https?:\/\//, "must start with https:// or http://")
  .refine(isServerUrl, "must be the address of a server, such as https://secrets.example.com, and no more");

/** Schema of a path in the container. */
export const absolutePath: z.ZodType<string> = z
  .string()
  .max(4096)
  .regex(/^\/[ -~]*$/, "must be absolute, of plain characters")
  .refine((path) => !path.split("/").includes(".."), "must not hold `..`");

/** Schema of whom the container trusts. */
export const caFile: z.ZodType<string | undefined> = absolutePath
  .optional()
  .describe("PEM file in the image with the authorities that are trusted in place of Node's own.");

/** What is wrong with the address of a server that is asked in the clear. */
export const NOT_ENCRYPTED = "is not encrypted: everybody on the way could listen";

/** Where settings have the address of a server that secrets, or proofs of who the pod is, travel to. */
export type ServerPath = readonly [string, ...string[]];

/**
 * Refuses settings with a server that everybody on the way could listen to, as the program in the pod would: plain HTTP
 * to another machine without `allowHttp`.
 * @param onNode hosts that know no TLS, and that no packet leaves the node for
 */
export function withPrivateWays<Settings extends { readonly allowHttp?: boolean | undefined }>(
  settings: z.ZodType<Settings>,
  servers: readonly ServerPath[],
  onNode: ReadonlySet<string> = new Set(),
): z.ZodType<Settings> {
  return settings.superRefine((value, check) => {
    if (value.allowHttp === true) return;
    for (const path of servers) {
      const address = textAt(value, path);
      const url = address === undefined ? null : URL.parse(address);
      if (url === null || isPrivateWay(url) || onNode.has(url.hostname)) continue;
      const fix = `Write https: in place of http:, or, for a test alone, set allowHttp: true beside ${path[0]}.`;
      check.addIssue({ code: "custom", path: [...path], message: NOT_ENCRYPTED, params: { fix }, input: address });
    }
  });
}

function textAt(value: unknown, path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(
    (at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name],
    value,
  );
  return typeof found === "string" ? found : undefined;
}
