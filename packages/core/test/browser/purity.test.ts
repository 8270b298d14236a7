/** Core is pure: the same script that answers admissions runs in a web page, and gives the same bytes. */
import type { OutputChunk } from "rolldown";
import { beforeAll, describe, expect, it } from "vitest";

import * as core from "../../src/index.ts";
import { answerAsJson } from "./answer.ts";
import { bundleForBrowser } from "./bundle.ts";
import { openWebPage, type WebPage } from "./web-page.ts";

let bundle: OutputChunk;

beforeAll(async () => {
  bundle = await bundleForBrowser();
}, 60_000);

function pageWithCore(): WebPage {
  const page = openWebPage();
  page.run(bundle.code);
  return page;
}

describe("core as a script for a browser", () => {
  it("imports nothing that a browser does not have", () => {
    expect(bundle.imports).toEqual([]);
    expect(bundle.dynamicImports).toEqual([]);
    expect(Object.keys(bundle.modules).filter((module) => module.startsWith("node:"))).toEqual([]);
  });

  it("has the whole public surface", () => {
    const names = pageWithCore().run("Object.keys(core).sort().join()");
    expect(names).toBe(Object.keys(core).toSorted().join());
  });

  it("mutates a pod and answers its review, to the byte as in Node", async () => {
    const inPage = await pageWithCore().run(`(${answerAsJson.toString()})(core)`);
    const inNode = await answerAsJson(core);
    expect(inPage).toBe(inNode);
    expect(JSON.parse(inNode)).toMatchObject({ response: { allowed: true, patchType: "JSONPatch" } });
  });

  it("looks at nothing of Node, and neither reads nor sends anything", async () => {
    const page = pageWithCore();
    await page.run(`(${answerAsJson.toString()})(core)`);
    page.run(`core.applyPatch({ a: [] }, [{ op: "add", path: "/a/0", value: {} }])`);
    expect([...page.touched]).toEqual([]);
    page.run("typeof process");
    expect([...page.touched]).toEqual(["process"]);
  });
});
