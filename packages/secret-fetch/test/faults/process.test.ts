/** What can befall the program itself, whatever the store: the bundle that is published, as a process. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { FAILURES } from "../../src/failure.ts";
import { REQUEST_ENV_VAR, formatRequest } from "../../src/request.ts";
import { bundleProgram, type Bundle } from "../rig/bundle.ts";
import { contentOf, temporaryFolder } from "../rig/volume.ts";
import { AWS } from "./aws/scene.ts";
import { AZURE } from "./azure/scene.ts";
import { CONFIDANT } from "./confidant/scene.ts";
import { GCP } from "./gcp/scene.ts";
import { OTHER, VALUE, always, requestOf, stageBasis, type Scene, type Stage } from "./stage.ts";

let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleProgram();
});

afterAll(() => bundle.remove());

interface Ended {
  readonly exit: number | null;
  readonly stderr: string;
}

/** @param limit of the shell, before the program starts */
function start(
  scene: Scene,
  stage: Stage,
  limit = "true",
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const request = JSON.stringify(requestOf(scene, stage, true));
  const env = { PATH: process.env["PATH"], ...stage.env, ...realFiles(stage, request) };
  const command = `${limit} && exec "${process.execPath}" "${bundle.main}"`;
  const child = spawn("bash", ["-c", command], { env, stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return { child, ended: once(child, "close").then(([exit]) => ({ exit: exit as number | null, stderr })) };
}

/** The stage's files, where a process can read them. */
function realFiles({ files, env }: Stage, request: string): Readonly<Record<string, string>> {
  const root = temporaryFolder();
  const moved = Object.entries(files).map(([path, content]) => {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content);
    return [path, place] as const;
  });
  const inPlace = (text: string): string => moved.reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const vars = Object.entries(env).map(([name, value]) => [name, inPlace(value)] as const);
  const whole = JSON.parse(inPlace(request)) as Parameters<typeof formatRequest>[0];
  return Object.fromEntries([...vars, [REQUEST_ENV_VAR, formatRequest(whole)]]);
}

describe.each([AWS, CONFIDANT, GCP, AZURE] as readonly Scene[])("with $use", (scene) => {
  test("both secrets are fetched", async () => {
    const stage = await scene.set(stageBasis());
    await expect(start(scene, stage).ended).resolves.toMatchObject({ exit: 0 });
    expect(contentOf(stage.volume)).toEqual({ db: VALUE, other: OTHER });
  });

  test("a disk that takes no more leaves nothing behind", async () => {
    const stage = await scene.set(stageBasis());
    stage.put("x".repeat(40_000));
    const { exit, stderr } = await start(scene, stage, "ulimit -f 8").ended;
    expect(stderr).toMatch(/^pod-secrets-fetch: fetch\/not-written: .*\(EFBIG\)\. Fix: .*\.\n$/);
    expect(exit).toBe(FAILURES["not-written"].exit);
    expect(contentOf(stage.volume)).toEqual({});
  });

  test("to be killed while it waits for the store leaves nothing behind", async () => {
    const stage = await scene.set(stageBasis());
    const asked = Promise.withResolvers<void>();
    await always(() => asked.resolve())(stage);
    const { child, ended } = start(scene, stage);
    await asked.promise;
    child.kill("SIGKILL");
    await expect(ended).resolves.toEqual({ exit: null, stderr: "" });
    expect(contentOf(stage.volume)).toEqual({});
  });
});
