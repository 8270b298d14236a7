/** What a command is: its flags and texts, and the code that runs it. */
import type { ExitCodeName } from "./exit-codes.ts";
import type { Streams } from "./streams.ts";

/** A flag of a command. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands for its value in the help; a flag without is a switch. */
  readonly value?: string;
  /** All values it takes. */
  readonly choices?: readonly string[];
  /** What holds when it is not given, in words. */
  readonly default?: string;
  readonly summary: string;
}

/** The arguments beside the flags. */
export interface Positionals {
  /** What stands for them in the help. */
  readonly value: string;
  readonly min: number;
  readonly summary: string;
}

/** A use of a command, for its help. */
export interface Example {
  readonly command: string;
  readonly summary: string;
}

/** What the file of a command exports. */
export interface CommandModule {
  run(invocation: Invocation, streams: Streams): Promise<ExitCodeName>;
}

/** A command as its file declares it. */
export interface Command {
  readonly name: string;
  /** One line in the list of commands. */
  readonly summary: string;
  /** Paragraphs of its own help. */
  readonly description: readonly string[];
  readonly flags: readonly Flag[];
  readonly positionals?: Positionals;
  readonly examples: readonly Example[];
  /** How it may end. */
  readonly exits: readonly ExitCodeName[];
  readonly load: () => Promise<CommandModule>;
}

/** What a command was asked for. */
export interface Invocation {
  /** The value of a flag; `undefined` when it was not given. A flag with choices has one of them. */
  value(flag: string): string | undefined;
  /** Whether a switch was given. */
  isOn(flag: string): boolean;
  readonly positionals: readonly string[];
}
