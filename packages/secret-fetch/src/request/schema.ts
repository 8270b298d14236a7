/** The grammar of the request, version 1. By zod/mini: 16 kB of the program, and 3 MB of memory. */
import { isEnvName } from "@pod-secrets/core";
import * as z from "zod/mini";
import { en } from "zod/locales";

import { absolutePath, lineOfText, relativePath } from "../settings.ts";
import type { FetchRequest } from "./fetch-request.ts";

// zod/mini comes without texts; these are those of zod itself.
z.config(en());

const seconds = (most: number): z.ZodMiniNumber => z.int().check(z.gte(1), z.lte(most));

const dnsLabel = z.string().check(z.regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "is no DNS label"));

const anyFields = z.record(z.string(), z.unknown());

const file = z.strictObject({
  path: relativePath,
  mode: z.optional(z.string().check(z.regex(/^0[0-7]{3}$/, "is no octal mode, such as 0440"))),
});

const env = z.strictObject({
  file: relativePath,
  key: z.string().check(z.refine(isEnvName, "is no env var name that every API server takes")),
});

const item = z
  .strictObject({
    name: lineOfText(1024),
    provider: dnsLabel,
    source: anyFields,
    required: z.optional(z.boolean()),
    files: z.optional(z.array(file)),
    env: z.optional(z.array(env)),
  })
  .check(
    z.refine(
      ({ files = [], env: vars = [] }) => files.length + vars.length > 0,
      "goes nowhere: name at least one of files and env",
    ),
  );

/** What {@link FetchRequest} says, checked; sources and settings are the providers' own. */
export const fetchRequest: z.ZodMiniType<FetchRequest> = z.strictObject({
  version: z.literal(1),
  volume: absolutePath,
  providers: z.record(dnsLabel, z.strictObject({ use: dnsLabel, settings: z.optional(anyFields) })),
  items: z.array(item).check(z.maxLength(1000)),
  folders: z.optional(z.array(relativePath).check(z.maxLength(1000))),
  deadlineSeconds: z.optional(seconds(3600)),
  attemptSeconds: z.optional(seconds(600)),
  concurrency: z.optional(z.int().check(z.gte(1), z.lte(64))),
  maxBytes: z.optional(z.int().check(z.gte(1), z.lte(8_388_608))),
  refreshSeconds: z.optional(seconds(86_400)),
});
