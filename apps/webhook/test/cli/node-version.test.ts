import { describe, expect, it } from "vitest";

import { checkNode } from "../../src/cli/node-version.ts";

describe("the Node that runs the command", () => {
  it.each(["22.19.0", "22.20.1", "24.0.0"])("may be %s", (version) => {
    expect(() => checkNode(version)).not.toThrow();
  });

  it.each(["20.20.2", "22.18.9"])(
    "is too old when it is %s, which is told with the version that is needed",
    (version) => {
      expect(() => checkNode(version)).toThrow(
        expect.objectContaining({
          message: `Node ${version} is too old`,
          fix: "Run it with Node 22.19 or newer.",
        }),
      );
    },
  );
});
