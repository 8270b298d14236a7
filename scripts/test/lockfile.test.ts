import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const lockfile = readFileSync(join(import.meta.dirname, "../..", "pnpm-lock.yaml"), "utf8");

describe("the lockfile", () => {
  // What installed on one machine only leaves the others without the tool, and nothing says so before it is started.
  test.each([
    ["@turbo/darwin-arm64", "@turbo/darwin-64", "@turbo/windows-64", "@turbo/linux-64"],
    ["@rolldown/binding-darwin-arm64", "@rolldown/binding-win32-x64-msvc", "@rolldown/binding-linux-x64-musl"],
    ["@oxlint/binding-darwin-arm64", "@oxlint/binding-win32-x64-msvc", "@oxlint/binding-linux-x64-musl"],
    ["@oxfmt/binding-darwin-arm64", "@oxfmt/binding-win32-x64-msvc", "@oxfmt/binding-linux-x64-musl"],
    ["@oxlint-tsgolint/darwin-arm64", "@oxlint-tsgolint/win32-x64", "@oxlint-tsgolint/linux-x64"],
  ])("has the binaries of each platform: %s", (...names) => {
    // The one that the tool asks for: as many versions as the tool has.
    const versions = names.map((name) => lockfile.split(`\n  '${name}@`).length);
    expect(new Set(versions).size).toBe(1);
    expect(versions[0]).toBeGreaterThan(1);
  });

  test("names no host, so that everybody's registry serves it", () => {
    expect(lockfile).not.toMatch(/https?:/);
  });
});
