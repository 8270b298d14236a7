import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { loadConfig } from "../../src/config/load.ts";
import { watchConfig } from "../../src/config/watch.ts";
import { createConfigFolder } from "./config-folder.ts";

const NEVER = 3_600_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Watched {
  readonly onChange: ReturnType<typeof vi.fn<() => Promise<void>>>;
  readonly stop: () => void;
}

async function watched(
  file: string,
  interval: number,
  onChange: () => Promise<void> = async () => {},
): Promise<Watched> {
  const loaded = await loadConfig(file);
  if (!loaded.ok) throw new Error("the config must be good");
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  onTestFinished(stop);
  const spy = vi.fn<() => Promise<void>>(onChange);
  watchConfig({ file, revision: loaded.config.revision, onChange: spy, log, signal: controller.signal, interval });
  return { onChange: spy, stop };
}

describe("a changed config is noticed", () => {
  it("when the file is written", async () => {
    const folder = createConfigFolder();
    const file = folder.write("config.yaml", "log: { level: info }");
    const { onChange } = await watched(file, NEVER);

    folder.write("config.yaml", "log: { level: warn }");

    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  });

  it("when an editor puts another file in its place", async () => {
    const folder = createConfigFolder();
    const file = folder.write("config.yaml", "log: { level: info }");
    const { onChange } = await watched(file, NEVER);

    renameSync(folder.write("config.yaml.new", "log: { level: warn }"), file);

    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  });

  it("each time that Kubernetes swaps the symbolic link of a mounted ConfigMap", async () => {
    const folder = createConfigFolder();
    const generation = (name: string, level: string): void => {
      mkdirSync(join(folder.path, name));
      writeFileSync(join(folder.path, name, "config.yaml"), `log: { level: ${level} }`);
      symlinkSync(name, join(folder.path, "..data_tmp"));
      renameSync(join(folder.path, "..data_tmp"), join(folder.path, "..data"));
    };
    generation("..2026_01", "info");
    symlinkSync("..data/config.yaml", join(folder.path, "config.yaml"));
    const { onChange } = await watched(join(folder.path, "config.yaml"), NEVER);

    generation("..2026_02", "warn");
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
    generation("..2026_03", "error");
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), 5000);
  });

  it("when a file joins a folder", async () => {
    const folder = createConfigFolder();
    folder.write("a.yaml", "log: { level: info }");
    const { onChange } = await watched(folder.path, NEVER);

    folder.write("b.yaml", "profile: flyte-v2");

    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  });

  it("by reading it now and then, where the folder tells nothing", async () => {
    const folder = createConfigFolder();
    const outside = createConfigFolder();
    const target = outside.write("config.yaml", "log: { level: info }");
    symlinkSync(target, join(folder.path, "config.yaml"));
    const { onChange } = await watched(join(folder.path, "config.yaml"), 20);

    outside.write("config.yaml", "log: { level: warn }");

    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  });

  it("when it changed between loading and watching", async () => {
    const folder = createConfigFolder();
    const file = folder.write("config.yaml", "log: { level: info }");
    const loaded = await loadConfig(file);
    folder.write("config.yaml", "log: { level: warn }");
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const onChange = vi.fn<() => Promise<void>>(async () => {});
    const revision = loaded.ok ? loaded.config.revision : "";
    watchConfig({ file, revision, onChange, log, signal: controller.signal, interval: 20 });

    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  });

  it("when it is gone, and when it is back", async () => {
    const folder = createConfigFolder();
    const file = folder.write("config.yaml", "log: { level: info }");
    const { onChange } = await watched(file, 20);

    renameSync(file, `${file}.away`);
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
    renameSync(`${file}.away`, file);
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), 5000);
  });
});

describe("nothing is told", () => {
  it("when the text stays the same", async () => {
    const folder = createConfigFolder();
    const file = folder.write("config.yaml", "log: { level: info }");
    const { onChange } = await watched(file, 10);

    folder.write("config.yaml", "log: { level: info }");
    folder.write("other.txt", "something else");
    await sleep(300);

    expect(onChange).not.toHaveBeenCalled();
  });

  it("after the watch has ended", async () => {
    const folder = createConfigFolder();
    const file = folder.write("config.yaml", "log: { level: info }");
    const { onChange, stop } = await watched(file, 10);

    stop();
    folder.write("config.yaml", "log: { level: warn }");
    await sleep(300);

    expect(onChange).not.toHaveBeenCalled();
  });
});

it("changes during a change are taken up after it, and never twice at the same time", async () => {
  const folder = createConfigFolder();
  const file = folder.write("config.yaml", "log: { level: info }");
  let running = 0;
  let most = 0;
  const { onChange } = await watched(file, 5, async () => {
    running += 1;
    most = Math.max(most, running);
    await sleep(50);
    running -= 1;
  });

  folder.write("config.yaml", "log: { level: warn }");
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  folder.write("config.yaml", "log: { level: error }");
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), 5000);

  expect(most).toBe(1);
});

it("a change that cannot be taken up does not end the watch", async () => {
  const folder = createConfigFolder();
  const file = folder.write("config.yaml", "log: { level: info }");
  const { onChange } = await watched(file, 10, () => Promise.reject(new Error("no")));

  folder.write("config.yaml", "log: { level: warn }");
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1), 5000);
  folder.write("config.yaml", "log: { level: error }");
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), 5000);
});
