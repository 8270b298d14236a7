/** Parts of the schemas of settings and sources that providers share. */
import { hasControlCharacters } from "@pod-secrets/core";
import * as z from "zod/mini";

import { FetchFailure } from "./failure.ts";
import { isPrivateWay, isServerUrl } from "./request/server-address.ts";
import { volumePathFault } from "./request/volume-path.ts";

/** One line of text. */
export function lineOfText(maxLength: number): z.ZodMiniString {
  return z.string().check(
    z.minLength(1),
    z.maxLength(maxLength),
    z.refine((text) => !hasControlCharacters(text), "has control characters"),
  );
}

/** An absolute path in the container. */
export const absolutePath: z.ZodMiniString = z.string().check(
  z.maxLength(4096),
  z.refine((path) => path.startsWith("/"), "must be absolute: start it with a slash"),
  z.refine((path) => !hasControlCharacters(path), "has control characters"),
  z.refine((path) => !path.split("/").includes(".."), "must not hold `..`"),
);

/** A path below a volume or a folder. */
export const relativePath: z.ZodMiniString = z.string().check((payload) => {
  const fault = volumePathFault(payload.value);
  if (fault !== undefined) payload.issues.push({ code: "custom", input: payload.value, message: fault });
});

/** The address of a server: scheme, host, and at most a port and a plain path. */
export const serverUrl: z.ZodMiniString = z
  .string()
  .check(
    z.maxLength(2048),
    z.refine(isServerUrl, "must be the address of a server, such as https://secrets.example.com, and no more"),
  );

/**
 * A server's address, to which secrets may travel.
 * @param setting its name in the request, for the message
 * @param allowHttp whether they may travel in the clear; on the machine itself they always may
 * @throws FetchFailure `wrong-request`
 */
export function trustedServer(text: string, setting: string, allowHttp: boolean): URL {
  const url = new URL(text);
  if (allowHttp || isPrivateWay(url)) return url;
  throw new FetchFailure(
    "wrong-request",
    `${setting} is not encrypted: everybody on the way could read the secrets`,
    "Use https:, or set allowHttp for a test.",
  );
}

/** What a server has at a path: below its own, where its address has one. */
export function below(server: URL, path: string): URL {
  const url = new URL(server);
  url.pathname = `${server.pathname.replace(/\/$/, "")}${path}`;
  return url;
}
