import { existsSync, globSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

import { root, textOf } from "./documents.ts";

const GENERATED = /(?:^|\/)(?:node_modules|dist|coverage|\.tools|\.turbo)(?:\/|$)/;
const documents = globSync(["**/*.md", ".github/**/*.md", ".changeset/*.md"], {
  cwd: root,
  exclude: (path) => GENERATED.test(path),
}).map((file) => normalize(file));

interface Link {
  readonly from: string;
  readonly target: string;
}

/** A text without its code, where nothing is a link. */
function prose(text: string): string {
  return text.replaceAll(/^( *)(```|~~~)[^]*?^\1\2.*$/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

function linksIn(from: string, text: string): readonly Link[] {
  const inline = [...prose(text).matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)];
  const references = [...prose(text).matchAll(/^ {0,3}\[[^\]]+\]: +<?(\S+?)>?$/gm)];
  return [...inline, ...references].map(([, target = ""]) => ({ from, target }));
}

/** Anchors of the headings of a document, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text
    .replaceAll(/^(```|~~~)[^]*?^\1.*$/gm, "")
    .matchAll(/^#{1,6} +(.+?)(?: +#+)?$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = words.replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Why a link leads nowhere, or nothing. Links to other hosts are not followed. */
function faultOf({ from, target }: Link): string | undefined {
  if (/^(?:https?:|mailto:)/.test(target)) return undefined;
  const [path = "", anchor] = decodeURI(target).split("#");
  if (path.startsWith("/")) return `${from}: ${target} is absolute`;
  const file = path === "" ? from : normalize(join(dirname(from), path));
  if (file.startsWith("..") || !existsSync(join(root, file))) return `${from}: ${target} is not there`;
  if (anchor === undefined) return undefined;
  if (statSync(join(root, file)).isDirectory()) return `${from}: ${target} has an anchor of a folder`;
  return anchorsOf(textOf(file)).has(anchor) ? undefined : `${from}: ${target} has no such heading`;
}

describe("a link", () => {
  it("is told from code, and its anchor is made as GitHub does", () => {
    const text = "[a](b.md#c) `[x](y)` ![i](i.png)\n\n```md\n[z](z.md)\n```\n\n[d]: ../e.md\n";
    expect(linksIn("docs/f.md", text).map(({ target }) => target)).toEqual(["b.md#c", "i.png", "../e.md"]);
    const headings = "# The `code`, a [link](x.md) & global/what\n\n## Twice\n\n## Twice\n\n```sh\n# none\n```\n";
    expect([...anchorsOf(headings)]).toEqual(["the-code-a-link--globalwhat", "twice", "twice-1"]);
  });

  it("that leads nowhere is found", () => {
    const faults = ["none.md", "../../x.md", "/etc/passwd", "errors.md#none", "#none", "decisions#x"].map((target) =>
      faultOf({ from: "docs/compatibility.md", target }),
    );
    expect(faults).not.toContain(undefined);
    expect(faultOf({ from: "docs/compatibility.md", target: "errors.md#e_config_plugin_start" })).toBeUndefined();
  });
});

describe("the documents of the repository", () => {
  it("are found, also in hidden folders", () => {
    expect(documents).toEqual(expect.arrayContaining(["CONTRIBUTING.md", "docs/errors.md", "packages/core/README.md"]));
    expect(documents).toEqual(expect.arrayContaining([".github/pull_request_template.md"]));
  });

  it("link to what is there", () => {
    const links = documents.flatMap((file) => linksIn(file, textOf(file)));

    expect(links.length).toBeGreaterThan(40);
    expect(links.flatMap((link) => faultOf(link) ?? [])).toEqual([]);
  });

  it.each(documents)("%s names no path of a machine and no package registry", (file) => {
    const text = textOf(file);

    expect([root, homedir()].filter((path) => path.length > 1 && text.includes(`${path}/`))).toEqual([]);
    expect(text).not.toMatch(/(?:^|[\s"'`(=])(?:\/home\/|\/Users\/|\/root\/|[A-Z]:\\)/m);
    expect(text).not.toMatch(
      /\bregistry\.(?:npmjs|yarnpkg|npmmirror)\.|\bnpm\.pkg\.github\.com|\bpkgs\.dev\.azure\.com/,
    );
  });
});
