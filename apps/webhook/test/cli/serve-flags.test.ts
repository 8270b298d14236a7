import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { readCommandLine } from "../../src/cli/command-line.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { configOverrides, withServeFlags } from "../../src/cli/commands/serve/serve-flags.ts";
import { loadConfig } from "../../src/config/load.ts";
import { folderOf } from "./running.ts";

/** The addresses on which `serve` would listen. */
async function hosts(config: string | undefined, ...args: readonly string[]): Promise<readonly string[]> {
  const request = readCommandLine(["serve", ...args], COMMANDS);
  if (request.kind !== "run") throw new Error(`it is a request for ${request.kind}`);
  const file = config === undefined ? undefined : join(folderOf({ "config.yaml": config }), "config.yaml");
  const loaded = await loadConfig(file, configOverrides(request.invocation));
  if (!loaded.ok) throw new Error("the config is wrong", { cause: loaded.problems });
  const { server, operations } = withServeFlags(loaded.config, request.invocation);
  return [server.host, operations.host];
}

const LOCAL = "127.0.0.1";
const ANY = "0.0.0.0";

describe("serve --self-signed", () => {
  it.each([
    ["without a config", undefined],
    ["with a config that names no address", "server: { port: 9443 }\n"],
    ["with a config of Flyte", "webhook: { listenPort: 9443 }\n"],
  ])("listens on this machine alone %s", async (_, config) => {
    expect(await hosts(config, "--self-signed")).toEqual([LOCAL, LOCAL]);
    expect(await hosts(config)).toEqual([ANY, ANY]);
  });

  it("listens where the config says, also when that is the default", async () => {
    expect(await hosts(`server: { host: ${ANY} }\n`, "--self-signed")).toEqual([ANY, LOCAL]);
    expect(await hosts(`operations: { host: 10.0.0.1 }\n`, "--self-signed")).toEqual([LOCAL, "10.0.0.1"]);
  });

  it("listens where --host says", async () => {
    expect(await hosts(`server: { host: 10.0.0.1 }\n`, "--self-signed", "--host", ANY)).toEqual([ANY, ANY]);
  });
});
