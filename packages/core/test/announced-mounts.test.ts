/** What the annotations of a pod say of the Vault Agent Injector: which files its agent writes, and where. */
import { describe, expect, it } from "vitest";

import { agentDirectories, agentFiles } from "../src/index.ts";

const SECRET = "vault.hashicorp.com/agent-inject-secret-";
const FILE = "vault.hashicorp.com/agent-inject-file-";
const PATH = "vault.hashicorp.com/secret-volume-path";

describe("the file of a secret", () => {
  it("is called as one annotation says, and the annotation of the secret makes no other", () => {
    expect(agentFiles({ [`${SECRET}db`]: "secret/db", [`${FILE}db`]: "warehouse/Password" })).toEqual([
      { annotation: `${FILE}db`, file: "warehouse/Password", path: "/vault/secrets/warehouse/Password" },
    ]);
  });

  it("without a name is called by the secret's id, in lower case", () => {
    expect(agentFiles({ [`${SECRET}DB`]: "secret/db" })).toEqual([
      { annotation: `${SECRET}DB`, file: "", path: "/vault/secrets/db" },
    ]);
    expect(agentFiles({ [`${FILE}DB`]: "" })).toEqual([
      { annotation: `${FILE}DB`, file: "", path: "/vault/secrets/db" },
    ]);
  });

  it("is in the directory of all, or in that of its own", () => {
    const annotations = { [PATH]: "/etc/flyte/secrets/", [`${PATH}-b`]: "/own", [`${FILE}a`]: "x", [`${FILE}b`]: "x" };
    expect(agentFiles(annotations).map(({ path }) => path)).toEqual(["/etc/flyte/secrets/x", "/own/x"]);
  });

  it("is told of those annotations only that are asked for, by what all of them say", () => {
    const some = { [`${FILE}b`]: "b" };
    expect(agentFiles({ [PATH]: "/all", [`${FILE}a`]: "a", ...some }, some).map(({ path }) => path)).toEqual([
      "/all/b",
    ]);
  });
});

describe("a directory of its own", () => {
  it("is one that differs from the directory of all, as it is written", () => {
    const annotations = { [PATH]: "/all", [`${PATH}-a`]: "/all", [`${PATH}-b`]: "/all/", [`${PATH}-c`]: "/own" };
    expect(agentDirectories(annotations)).toEqual([
      { annotation: `${PATH}-b`, path: "/all/" },
      { annotation: `${PATH}-c`, path: "/own" },
    ]);
    expect(agentDirectories({ [`${PATH}-a`]: "/vault/secrets" })).toEqual([]);
  });
});
