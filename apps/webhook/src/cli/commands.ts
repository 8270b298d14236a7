/**
 * All commands: parsing, `--help` and `docs/cli.md` are drawn from this list. Each is declared beside its code, which is
 * loaded when it runs.
 */
import type { Command } from "./command.ts";
import { explain } from "./commands/explain/command.ts";
import { initCerts } from "./commands/init-certs/command.ts";
import { inject } from "./commands/inject/command.ts";
import { injectors } from "./commands/injectors/command.ts";
import { manifest } from "./commands/manifest/command.ts";
import { serve } from "./commands/serve/command.ts";
import { unregister } from "./commands/unregister/command.ts";
import { validate } from "./commands/validate/command.ts";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  serve,
  initCerts,
  manifest,
  unregister,
  inject,
  explain,
  validate,
  injectors,
];
