/** What was asked for, and where it is to go. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { VALUE, always, replaceAws, type Row, type Stage } from "./stage.ts";

export const REQUESTS: readonly Row[] = [
  {
    when: "no region is known",
    arrange: (stage) => void (stage.settings = { region: undefined }),
    kind: "wrong-request",
    message: /no AWS region is known/,
  },
  {
    when: "the store is not encrypted",
    arrange: (stage) => replaceAws(stage, "http://secrets.example.com"),
    kind: "wrong-request",
    message: /endpoints\.secretsmanager is not encrypted/,
  },
];

export const VALUES: readonly Row[] = [
  {
    when: "the secret has no such key",
    arrange: (stage) => jsonSecret(stage, { other: VALUE }),
    kind: "not-found",
    message: /has no key "password"/,
  },
  {
    when: "the secret is no JSON",
    arrange: (stage) => jsonSecret(stage, undefined),
    kind: "unusable-value",
    message: /is no JSON object/,
  },
  {
    when: "the key is null",
    arrange: (stage) => jsonSecret(stage, { password: null }),
    kind: "unusable-value",
    message: /is null/,
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
      stage.aws.secrets.set("db", { SecretString: `${VALUE}'` });
      stage.item = { env: [{ file: "vars", key: "DB" }] };
    },
    kind: "unusable-value",
    message: /env var DB of an env file: it has a single quote/,
  },
];

function jsonSecret(stage: Stage, content: object | undefined): void {
  stage.aws.secrets.set("db", { SecretString: content === undefined ? VALUE : JSON.stringify(content) });
  stage.source = { secretId: "db", jsonKey: "password" };
}

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
];
