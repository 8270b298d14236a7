/** Database credentials: a real Vault makes users of a real PostgreSQL, and the agent writes them to files. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { RequestFields } from "../../packages/injector-testkit/src/index.ts";
import { needing } from "../cluster/src/index.ts";
import { vaultSupport } from "../servers/vault/build.ts";
import { enableDatabase } from "../servers/vault/database.ts";
import { postgresqlSupport, startPostgresql, type Postgresql } from "../servers/vault/postgresql.ts";
import { KV2, vaultRig } from "./rig/vault-files.ts";

describe("database credentials of a real Vault", needing(vaultSupport(), postgresqlSupport()), () => {
  const rig = vaultRig();
  let database: Postgresql;

  beforeAll(async () => {
    database = await startPostgresql();
    await enableDatabase(rig().vault, database, "app");
  });
  // Before Vault is stopped, since hooks end in the opposite order: it connects again for as long as it lives.
  afterAll(() => database?.[Symbol.asyncDispose]());

  const asking = (key: string): RequestFields => ({ group: "database/creds/app", groupVersion: "db", key });

  /** The file's fields, as the Vault Agent Injector writes them by default. */
  function fields(text: string): { readonly user: string; readonly password: string } {
    const [, password = "", user = ""] = /^password: (.*)\nusername: (.*)\n$/.exec(text) ?? [];
    return { user, password };
  }

  test("the file holds user name and password of a user who is let in", async () => {
    using files = await rig().render([asking("login")]);
    expect(files).toMatchObject({ code: 0 });
    const login = fields(readFileSync(files.file(asking("login")), "utf8"));
    expect(await database.query(login, "SELECT current_user")).toBe(login.user);
    await expect(database.query({ ...login, password: "other" }, "SELECT 1")).rejects.toThrow(/authentication failed/);
  });

  test("two files of one pod are one user, and another pod is another", async () => {
    using files = await rig().render([asking("login"), asking("again")]);
    using others = await rig().render([asking("login")]);
    const [login, again, other] = [
      files.file(asking("login")),
      files.file(asking("again")),
      others.file(asking("login")),
    ];
    expect(fields(readFileSync(again, "utf8"))).toEqual(fields(readFileSync(login, "utf8")));
    expect(fields(readFileSync(other, "utf8")).user).not.toBe(fields(readFileSync(login, "utf8")).user);
  });

  test("a path with parameters is read with them, and its fields are the file", async () => {
    for (const version of ["first", "second"]) await rig().write(KV2, "versions", [["password", version]]);
    const request = { ...asking("all"), group: "secret/data/versions?version=1" };
    using files = await rig().render([request]);
    expect(readFileSync(files.file(request), "utf8")).toContain("data: map[password:first]\n");
  });
});
