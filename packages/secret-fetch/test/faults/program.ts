/** What the program itself is asked for, and where it is to go. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { VALUE, always, type Row, type Stage } from "./stage.ts";

export const PROGRAM: readonly Row[] = [
  {
    when: "the volume is not mounted",
    arrange: (stage) => void (stage.request = { volume: "/nonexistent" }),
    kind: "not-written",
    message: /the volume is not mounted at \/nonexistent/,
  },
  {
    when: "something else has the place of the file",
    arrange: ({ volume }) => mkdirSync(join(volume, "db")),
    kind: "not-written",
    message: /db is a folder/,
  },
  {
    when: "it is told to stop while it waits",
    arrange: (stage) => always(() => stage.stop())(stage),
    kind: "interrupted",
    message: /told to stop/,
  },
  {
    when: "the value is too large",
    arrange: (stage) => void (stage.request = { maxBytes: 10 }),
    kind: "unusable-value",
    message: /more than 10 bytes/,
  },
  {
    when: "the value cannot be an env var",
    arrange: (stage) => {
      stage.put(`${VALUE}'`);
      stage.item = { env: [{ file: "vars", key: "DB" }] };
    },
    kind: "unusable-value",
    message: /env var DB of an env file: it has a single quote/,
  },
];

/** For stores whose secrets may be JSON objects. */
export const JSON_KEYS: readonly Row[] = [
  {
    when: "the secret has no such key",
    arrange: (stage) => jsonSecret(stage, JSON.stringify({ other: VALUE })),
    kind: "not-found",
    message: /has no key "password"/,
  },
  {
    when: "the secret is no JSON",
    arrange: (stage) => jsonSecret(stage, VALUE),
    kind: "unusable-value",
    message: /is no JSON object/,
  },
  {
    when: "the key is null",
    arrange: (stage) => jsonSecret(stage, JSON.stringify({ password: null })),
    kind: "unusable-value",
    message: /is null/,
  },
];

function jsonSecret(stage: Stage, secret: string): void {
  stage.put(secret);
  stage.source = { ...stage.source, jsonKey: "password" };
}
