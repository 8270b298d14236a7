/** Secrets that are files of the container: for tests, and for local development. */
import { join } from "node:path";
import { quoted } from "@pod-secrets/core";
import * as z from "zod/mini";

import { defineProvider, type ProviderPlugin } from "../provider.ts";
import { absolutePath, lineOfText, relativePath } from "../settings.ts";
import { jsonKey } from "./json-key.ts";

/** Where the files are. */
export interface FileSettings {
  /** Absolute path of the folder that all of them are in. */
  readonly folder: string;
}

/** One of them. */
export interface FileSource {
  /** Relative path below the folder. */
  readonly path: string;
  /** Key of a JSON object in the file; the whole file when left out. */
  readonly jsonKey?: string | undefined;
}

const settings: z.ZodMiniType<FileSettings> = z.strictObject({ folder: absolutePath });

const source: z.ZodMiniType<FileSource> = z.strictObject({
  path: relativePath,
  jsonKey: z.optional(lineOfText(1024)),
});

export const fileProvider: ProviderPlugin<typeof settings, typeof source> = defineProvider({
  name: "file",
  settings,
  source,
  create: ({ folder }, { readFile }) => ({
    fetch: async ({ path, jsonKey: key }) => {
      const bytes = await readFile(join(folder, path));
      return key === undefined ? bytes : jsonKey(bytes, key, `the file ${quoted(path, 160)}`);
    },
  }),
});
