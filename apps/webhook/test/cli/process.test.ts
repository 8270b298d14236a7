import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { pathToFileURL } from "node:url";
import { describe, expect, it, vi } from "vitest";

import { paintFor } from "../../src/cli/streams.ts";
import { builtCommand, runBuilt, start } from "./built-command.ts";
import { podAsking, refusedPod } from "./pods.ts";
import { folderOf, linesOf, run } from "./running.ts";

const built = builtCommand();
const json = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

describe("the built command", () => {
  it("says the same as its sources", async () => {
    for (const args of [
      ["--help"],
      ["help", "inject"],
      ["--version"],
      ["inject", "--nope"],
      ["inject", "-"],
      ["explain", "-"],
    ]) {
      const stdin = json(podAsking(), refusedPod());
      expect(await runBuilt(built().program, args, { stdin })).toEqual(await run(args, { stdin }));
    }
  });

  it.each([
    [0, ["inject", "-"], json(podAsking())],
    [1, ["inject", "-"], json(refusedPod())],
    [1, ["explain", "-"], json(refusedPod())],
    [2, ["inject", "-"], "nonsense"],
    [2, ["inject", "/no/such/file"], ""],
    [2, ["inject"], ""],
    [2, ["inject", "--config", "/no/such/file", "-"], ""],
  ])("ends with %i for %j", async (exit, args, stdin) => {
    expect((await runBuilt(built().program, args, { stdin })).exit).toBe(exit);
  });

  it("ends at once when its reader has gone, without a word", async () => {
    const child = start(built().program, ["inject", "-o", "json", "-"], { stdin: json(podAsking()).repeat(5000) });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [exit] = (await once(child, "close")) as [number];
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  });

  it("writes all of a long output into a pipe that is read slowly", async () => {
    const child = start(built().program, ["inject", "-o", "json", "-"], { stdin: json(podAsking()).repeat(2000) });
    let lines = 0;
    for await (const chunk of child.stdout) {
      lines += (chunk as Buffer).filter((byte) => byte === 0x0a).length;
      if (lines < 200) await new Promise((wake) => setTimeout(wake, 20));
    }
    expect(lines).toBe(2000);
  });
});

describe("colours", () => {
  const esc = "\u001b[";

  it.each(["inject -o diff -", "explain -"])("are not there in a pipe: %s", async (command) => {
    const { stdout } = await runBuilt(built().program, command.split(" "), { stdin: json(podAsking()) });
    expect(stdout).not.toContain(esc);
  });

  it.each(["inject -o diff -", "explain -"])("are there when FORCE_COLOR asks for them: %s", async (command) => {
    const environment = { FORCE_COLOR: "1" };
    const { stdout } = await runBuilt(built().program, command.split(" "), { stdin: json(podAsking()), environment });
    expect(stdout).toContain(`${esc}32m`);
  });

  it("are never in data for machines", async () => {
    for (const args of [
      ["inject", "-"],
      ["inject", "-o", "json", "-"],
      ["inject", "-o", "patch", "-"],
      ["explain", "-o", "json", "-"],
    ]) {
      const { stdout } = await runBuilt(built().program, args, {
        stdin: json(podAsking()),
        environment: { FORCE_COLOR: "1" },
      });
      expect(stdout).not.toContain(esc);
    }
  });

  it("are there on a terminal, but not with NO_COLOR", () => {
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      getColorDepth: (environment?: object) => WriteStream.prototype.getColorDepth(environment),
    });
    vi.stubEnv("FORCE_COLOR", undefined);
    vi.stubEnv("NO_COLOR", undefined);
    // Node takes the terminal of a CI machine for one without colours.
    vi.stubEnv("CI", undefined);
    vi.stubEnv("TERM", "xterm-256color");
    expect(paintFor(terminal)("green", "+")).toBe(`${esc}32m+${esc}39m`);
    vi.stubEnv("NO_COLOR", "1");
    expect(paintFor(terminal)("green", "+")).toBe("+");
    vi.unstubAllEnvs();
  });
});

describe("what a command loads", () => {
  /** Writes down each module that Node loads. */
  const tracer = `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from "node:fs";
    import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) { appendFileSync(process.env.TRACE, url + "\\n"); return next(url, context); } });
  `)}`;

  /** Paths of the sources, ours and those of npm packages, that came into the process. */
  async function sourcesLoadedBy(args: readonly string[], stdin: string): Promise<readonly string[]> {
    const folder = folderOf({});
    const environment = { TRACE: join(folder, "trace.txt") };
    const { exit } = await runBuilt(built().program, args, { stdin, environment, node: ["--import", tracer] });
    expect(exit).toBe(0);
    const directory = `${pathToFileURL(dirname(built().program)).href}/`;
    const urls = linesOf(readFileSync(environment.TRACE, "utf8"));
    expect(urls).toContain(`${directory}main.mjs`);
    return urls.flatMap((url) => (url.startsWith(directory) ? contentsOf(url.slice(directory.length)) : [url]));
  }

  function contentsOf(chunk: string): readonly string[] {
    const contents = built().contents.get(chunk);
    if (contents === undefined) throw new Error(`${chunk} is no chunk of the bundle`);
    return contents;
  }

  const heavy = ["@kubernetes/client-node", "pino", "prom-client", "@peculiar/x509"];
  const heavyOnes = (sources: readonly string[]): readonly string[] =>
    heavy.filter((name) => sources.some((source) => source.includes(`/node_modules/${name}/`)));
  const pod = json(podAsking());
  const config = join(import.meta.dirname, "..", "..", "..", "..", "examples", "config", "all-managers.yaml");

  it.each([
    [["inject", "-"], pod],
    [["inject", "--config", config, "-o", "diff", "-"], pod],
    [["explain", "--config", config, "-"], pod],
    [["validate", config], ""],
    [["injectors"], ""],
  ])("is no Kubernetes client, no server and no certificate maker: %j", async (args, stdin) => {
    const sources = await sourcesLoadedBy(args, stdin);
    expect(sources.length).toBeGreaterThan(20);
    expect(heavyOnes(sources)).toEqual([]);
  });

  it("is next to nothing for the help", async () => {
    const sources = await sourcesLoadedBy(["--help"], "");
    expect(
      sources.filter((source) => source.includes("/node_modules/yaml/") || source.includes("/node_modules/zod/")),
    ).toEqual([]);
  });

  it("would be seen here: `serve` has the server's packages in its chunks", () => {
    expect(heavyOnes([...built().contents.values()].flat())).toEqual(
      expect.arrayContaining(["pino", "prom-client", "@peculiar/x509"]),
    );
  });
});
