import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { defineInjector } from "@pod-secrets/core";
import { describeInjector } from "@pod-secrets/injector-testkit";
import { afterAll } from "vitest";

import plugin, { createGlobalInjector } from "../src/index.ts";
import { writeFiles } from "./secret-volume.ts";

const directory = mkdtempSync(join(tmpdir(), "global-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));
writeFiles(directory, {
  "user-info/Name": "alice\n",
  "user-info/price": "$(PATH) $$5",
  "user-info/empty": "",
  "user-info/binary": Uint8Array.of(0xff),
  "user-info/nul": "a\0b",
});
for (let index = 0; index < 100; index++) writeFiles(directory, { [`many/key-${index}`]: `value ${index}` });

const environment = { FLYTE_SECRET_GROUP_HELLO: "world" };

describeInjector(
  defineInjector({ ...plugin, create: (options, host) => createGlobalInjector(options, host, environment) }),
  {
    options: { directory },
    injects: [
      { group: "group", key: "hello" },
      { group: "user-info", key: "Name", mountRequirement: "ENV_VAR" },
      { group: "user-info", key: "price", mountRequirement: "ENV_VAR", envVar: "PRICE" },
      { group: "user-info", groupVersion: "v1", key: "empty" },
    ],
    skips: [
      { group: "group", key: "unknown" },
      { group: "group", key: "hello", mountRequirement: "FILE" },
      { group: "user-info", key: "binary" },
      { key: "hello" },
      { group: "group" },
      { group: "../user-info", key: "Name" },
      { group: "secret/user-info", key: "Name" },
    ],
    refuses: [
      { group: "user-info", key: "nul", code: "E_ENV_VALUE" },
      { group: "group", key: "hello", envVar: "NODE_OPTIONS", code: "E_ENV_FORBIDDEN" },
    ],
    nth: (index) => ({ group: "many", key: `key-${index}` }),
  },
);
