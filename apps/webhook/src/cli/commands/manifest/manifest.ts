/** `pod-secrets manifest`: the registration as an object, for those who apply it by other means. */
import { readFile } from "node:fs/promises";
import { quoted } from "@pod-secrets/core";
import { stringify } from "yaml";

import { readBundle, writeBundle } from "../../../certificates/ca-bundle.ts";
import { AppError } from "../../../errors.ts";
import { desiredRegistration, registrationManifest } from "../../../registration/desired-registration.ts";
import type { Invocation } from "../../command.ts";
import type { ExitCodeName } from "../../exit-codes.ts";
import { print, type Streams } from "../../streams.ts";
import { configuredRegistration } from "../configured-registration.ts";
import { ownNamespace } from "../namespace-flag.ts";

/** @throws AppError `E_USAGE` without a namespace, `E_INPUT` for a file that holds no CA */
export async function run(invocation: Invocation, streams: Streams): Promise<ExitCodeName> {
  const config = await configuredRegistration(invocation.value("config"), streams);
  if (config === undefined) return "misuse";
  const desired = desiredRegistration(config, ownNamespace(invocation, config));
  const object = registrationManifest(desired, await bundleOf(invocation.value("ca-file")));
  const isJson = invocation.value("output") === "json";
  await print(streams, isJson ? `${JSON.stringify(object, undefined, 2)}\n` : stringify(object, { lineWidth: 0 }));
  return "done";
}

async function bundleOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const cas = readBundle(await read(file));
  if (cas.length === 0)
    throw new AppError("E_INPUT", `${quoted(file, 200)} holds no certificate of a CA in PEM`, "Name the CA's file.");
  return writeBundle(cas);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new AppError("E_INPUT", `--ca-file ${quoted(file, 200)} cannot be read (${code})`, "Name another file.");
  }
}
