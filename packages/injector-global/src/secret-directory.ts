/** Keeps the secrets directory in memory and up to date, in the background. */
import { watch, type FSWatcher } from "node:fs";

import { isSecretError, type InjectorHost } from "@pod-secrets/core";

import type { GlobalSecret } from "./global-secret.ts";
import { NO_FILES, hasSameFiles, readSecretFiles, type SecretFiles } from "./secret-files.ts";

/** The secrets directory in memory. */
export interface SecretDirectory {
  /** The secret of file `<group>/<key>`, as of the last good reading. No I/O. */
  get(name: string): GlobalSecret | undefined;
  /** Stops all timers and watchers, and waits for a reading that is under way. */
  close(): Promise<void>;
}

/** Milliseconds between two looks at the directory, for changes that the file system did not report. */
const POLL_INTERVAL = 10_000;
/** Milliseconds to wait after a change: most come in groups. */
const DEBOUNCE = 100;

/**
 * Reads the directory, and then again whenever it changes. A reading that fails leaves the secrets as they are,
 * and is logged.
 * @param pollInterval in milliseconds
 * @throws SecretError with a code of `GLOBAL_ERRORS` when the first reading fails
 */
export async function openSecretDirectory(
  directory: string,
  host: Pick<InjectorHost, "log" | "clock">,
  pollInterval: number = POLL_INTERVAL,
): Promise<SecretDirectory> {
  let current = await readSecretFiles(directory, NO_FILES, host.clock);
  const log = createReadingLog(directory, host);
  log.succeeded(NO_FILES, current);

  const refresh = oneAtATime(async () => {
    try {
      const before = current;
      current = await readSecretFiles(directory, before, host.clock);
      log.succeeded(before, current);
    } catch (error) {
      log.failed(error);
    }
    if (!refresh.closed) watchers.follow(current.directories);
  });
  const debounced = debounce(refresh.run);
  const watchers = createWatchers(debounced.run);
  watchers.follow(current.directories);
  const poll = setInterval(refresh.run, pollInterval).unref();

  return {
    get: (name) => current.files.get(name)?.secret,
    async close() {
      clearInterval(poll);
      debounced.cancel();
      watchers.close();
      await refresh.close();
    },
  };
}

/** Runs a task so that it never overlaps itself; what is asked for meanwhile is one more run behind it. */
function oneAtATime(task: () => Promise<void>): {
  run(this: void): void;
  close(): Promise<void>;
  readonly closed: boolean;
} {
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  function run(): void {
    if (closed) return;
    again = running !== undefined;
    running ??= task().finally(() => {
      running = undefined;
      if (again) run();
    });
  }
  return {
    run,
    async close() {
      closed = true;
      await running;
    },
    get closed() {
      return closed;
    },
  };
}

/** Runs a task a little after the first of several calls. */
function debounce(task: () => void): { run(this: void): void; cancel(this: void): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    run() {
      timer ??= setTimeout(() => {
        timer = undefined;
        task();
      }, DEBOUNCE).unref();
    },
    cancel: () => clearTimeout(timer),
  };
}

/**
 * Watchers on directories. Directories and not files: a file is replaced by a link to another one, and its
 * watcher would stay with the old one for ever.
 */
function createWatchers(onChange: () => void): {
  /** Watches these directories, by path and identity, and no others. */
  follow(directories: ReadonlyMap<string, string>): void;
  close(): void;
} {
  const watchers = new Map<string, FSWatcher>();
  function start(path: string, id: string): void {
    try {
      const watcher = watch(path, { persistent: false }, onChange);
      watcher.on("error", () => stop(id));
      watchers.set(id, watcher);
    } catch {
      // No watcher left in the system, or the directory is gone: the poll sees what changes.
    }
  }
  function stop(id: string): void {
    watchers.get(id)?.close();
    watchers.delete(id);
  }
  return {
    follow(directories) {
      const wanted = new Map([...directories].map(([path, identity]) => [`${identity} ${path}`, path]));
      for (const id of watchers.keys()) if (!wanted.has(id)) stop(id);
      for (const [id, path] of wanted) if (!watchers.has(id) && watchers.size < MAX_WATCHERS) start(path, id);
    },
    close() {
      for (const id of watchers.keys()) stop(id);
    },
  };
}

/** A system has some thousand watchers for all its processes; the poll covers the rest. */
const MAX_WATCHERS = 256;

/** Logs what an operator should know of a reading, once: not again with each poll. */
function createReadingLog(
  directory: string,
  { log }: Pick<InjectorHost, "log">,
): { succeeded(before: SecretFiles, now: SecretFiles): void; failed(error: unknown): void } {
  let lastFailure: string | undefined;
  return {
    succeeded(before, now) {
      for (const [name, { secret }] of now.files) {
        if (secret.state === "usable") continue;
        const known = before.files.get(name)?.secret;
        if (known?.state === "unusable" && known.reason === secret.reason) continue;
        log.warn("a file of the global secrets is left out", { directory, file: name, reason: secret.reason });
      }
      if (lastFailure !== undefined || (before !== NO_FILES && !hasSameFiles(before, now)))
        log.info("the global secrets were read again", { directory, files: now.files.size });
      lastFailure = undefined;
    },
    failed(error) {
      const code = isSecretError(error) ? error.code : "unknown";
      const failure = isSecretError(error) ? error.message : "unknown error";
      if (failure === lastFailure) return;
      lastFailure = failure;
      log.error("the global secrets cannot be read again, so the last good ones stay", { directory, code, failure });
    },
  };
}
