import { expect, test } from "vitest";

import { openInjector, testHost } from "../src/index.ts";
import { sampleInjector } from "./injectors/sample.ts";

test("options that the plugin does not take are named with their path", async () => {
  await expect(openInjector(sampleInjector, { optionl: true })).rejects.toThrow(
    "injector sample does not take these options: optionl: unknown option",
  );
});

test("an injector gets the checked options and the host", async () => {
  const host = testHost();
  const seen: unknown[] = [];
  const plugin: typeof sampleInjector = {
    ...sampleInjector,
    create: (options, given) => {
      seen.push(options, given);
      return sampleInjector.create(options, given);
    },
  };
  const injector = await openInjector(plugin, {}, host);
  expect(injector.name).toBe("sample");
  expect(seen).toEqual([{ optional: true }, host]);
});
