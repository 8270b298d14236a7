/** Paths in a container, as the runtime takes them. */
import { posix } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanPath, isAtOrBelow } from "../src/index.ts";

/** Node's `normalize` is Go's `path.Clean`, but for a slash at the end. */
function expected(path: string): string {
  const absolute = posix.normalize(`/${path}`);
  return absolute.length > 1 && absolute.endsWith("/") ? absolute.slice(0, -1) : absolute;
}

describe("a path is cleaned", () => {
  it.each([
    ["of empty parts", "/etc//flyte///secrets", "/etc/flyte/secrets"],
    ["of slashes at the end", "/etc/flyte//", "/etc/flyte"],
    ["of parts that stay", "/./etc/./flyte/.", "/etc/flyte"],
    ["of parts that lead back", "/etc/x/../flyte/y/z/../..", "/etc/flyte"],
    ["of what would lead above the root", "/../../etc", "/etc"],
    ["and the root stays", "//", "/"],
    ["and begins at the root where the kubelet puts a slash before it", "etc/flyte", "/etc/flyte"],
  ])("%s", (_, path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  it.each(["/", "/etc/flyte", "/etc/..data/.hidden", "/etc/a.b/c..", "/etc/... /..."])(
    "and stays where it has nothing of that: %s",
    (path) => {
      expect(cleanPath(path)).toBe(path);
    },
  );

  it("as Go's path.Clean does it", () => {
    const part = fc.constantFrom("", ".", "..", "...", ".a", "a", "a.", "b c", "é");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const clean = cleanPath(parts.join("/"));
        expect(clean).toBe(expected(parts.join("/")));
        expect(cleanPath(clean)).toBe(clean);
      }),
    );
  });
});

describe("a path is at or below a directory", () => {
  it.each([
    ["that it is", "/etc/flyte", "/etc/flyte"],
    ["that it lies in", "/etc/flyte/secrets/g", "/etc/flyte"],
    ["that is the root", "/etc", "/"],
    ["that is the root, as it is itself", "/", "/"],
  ])("%s", (_, path, directory) => {
    expect(isAtOrBelow(path, directory)).toBe(true);
  });

  it.each([
    ["whose name begins alike", "/etc/flyte-2", "/etc/flyte"],
    ["of the same length", "/etc/flyta", "/etc/flyte"],
    ["that lies in it", "/etc", "/etc/flyte"],
    ["of another parent", "/opt/flyte/g", "/etc/flyte"],
  ])("but not below one %s", (_, path, directory) => {
    expect(isAtOrBelow(path, directory)).toBe(false);
  });
});
