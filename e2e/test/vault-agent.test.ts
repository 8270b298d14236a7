/**
 * What the managers of Vault's key-value stores write into pods, in the hands of HashiCorp's own programs: vault-k8s
 * makes the agent's configuration of it, and `vault agent` renders it against a real server.
 */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { HOSTILE_NAMES, type RequestFields } from "../../packages/injector-testkit/src/index.ts";
import { needing } from "../cluster/src/index.ts";
import { vaultSupport } from "../servers/vault/build.ts";
import { KV1, KV2, vaultRig, type PodFiles } from "./rig/vault-files.ts";
import { vaultAdmission } from "./rig/vault-pods.ts";

/** By name: what Vault has, and what the file must hold where that is not the same. */
const VALUES: Readonly<Record<string, readonly [value: unknown, text?: string]>> = {
  plain: ["p4ssw0rd"],
  empty: [""],
  quotes: [`"'\`\\`],
  braces: ['}}{{ .Data }}{{- end -}}"'],
  newlines: ["\n-----BEGIN KEY-----\r\nabc\n\n"],
  blanks: [" \t x \t "],
  unicode: ["pässwörd 日本語 🔑 \u2028\ufeff"],
  controls: ["a\0b\u001b[0m"],
  markup: ["<a href='x'>&amp;</a>"],
  shell: ["$(id) `id` ${HOME} %s %d"],
  "no value": ["<no value>"],
  long: ["0123456789abcdef".repeat(8192)],
  digits: [12, "12"],
  fraction: [0.1, "0.1"],
  yes: [true, "true"],
  no: [false, "false"],
};

const VALUE = ' v"a}}l{{u\\e\n';

/** The agent tries again and again: the secret may come. */
const NOTHING = /no secret exists/;

describe("a real Vault", needing(vaultSupport()), () => {
  const rig = vaultRig();
  const textOf = (file: string): string => readFileSync(file, "utf8");

  describe.each([
    { engine: KV1, other: KV2 },
    { engine: KV2, other: KV1 },
  ])("$engine.groupVersion", ({ engine, other }) => {
    const { groupVersion, prefix } = engine;
    const asking = (path: string, key: string): RequestFields => ({ group: `${prefix}/${path}`, groupVersion, key });

    test("every value arrives byte for byte, where the task looks for it", async () => {
      const entries = Object.entries(VALUES);
      await rig().write(
        engine,
        "values",
        entries.map(([key, [value]]) => [key, value]),
      );
      using files = await rig().render(entries.map(([key]) => asking("values", key)));
      expect(files).toMatchObject({ code: 0 });
      const written = entries.map(([key]) => [key, textOf(files.file(asking("values", key)))]);
      expect(written).toEqual(entries.map(([key, [value, text = String(value)]]) => [key, text]));
    });

    /** The requests that get through our admission, each alone; the others are refused or passed on there. */
    async function admitted(ask: (name: string, index: number) => RequestFields): Promise<readonly RequestFields[]> {
      // A request is UTF-8: it has no half of a character.
      const requests = HOSTILE_NAMES.filter((name) => name.isWellFormed()).map(ask);
      const outcomes = await Promise.all(requests.map(async (request) => (await rig().admit(request)).outcome));
      return requests.filter((_, index) => outcomes[index] === "changed");
    }

    test("a hostile key is read as that key, or refused before", async () => {
      const asked = await admitted((key, index) => ({ ...asking(`key-${index}`, key), envVar: `FILE_${index}` }));
      for (const { group = "", key = "" } of asked) {
        const decoys = ["", "decoy", key.toUpperCase(), key.trim()].map((name) => [name, "decoy"] as const);
        await rig().write(engine, group.slice(prefix.length + 1), [...decoys, [key, VALUE]]);
      }
      using files = await rig().render(asked);
      expect(files).toMatchObject({ code: 0 });
      const written = asked.map((request) => [request.key, textOf(files.file(request))]);
      expect(written).toEqual(asked.map(({ key }) => [key, VALUE]));
      expect(asked.length).toBeGreaterThan(50);
    });

    test("a hostile path is read as that path, or refused before", async () => {
      const written: { readonly request: RequestFields; readonly path: string }[] = [];
      for (const request of await admitted((name, index) => ({
        ...asking(`path-${index}/${name}`, "password"),
        envVar: `FILE_${index}`,
      }))) {
        const path = decodeURIComponent((request.group ?? "").slice(prefix.length + 1)).replace(/\/$/, "");
        const isWritten = await rig()
          .write(engine, path, [["password", path]])
          .then(
            () => true,
            () => false,
          );
        // Under a name that Vault itself refuses there is nothing to read.
        if (isWritten) written.push({ request, path });
      }
      using files = await rig().render(written.map(({ request }) => request));
      expect(files).toMatchObject({ code: 0 });
      expect(written.map(({ request }) => textOf(files.file(request)))).toEqual(written.map(({ path }) => path));
      expect(written.length).toBeGreaterThan(40);
    });

    test.each([
      ["absent", /map has no entry for key/],
      ["absent-key", /missing key/],
    ])("without the key %s the agent fails, and writes no file", async (key, reason) => {
      await rig().write(engine, "some", [["present", VALUE]]);
      using files = await rig().render([asking("some", key)]);
      expectNoFile(files, asking("some", key), reason);
    });

    test("a value that is null is Flyte's text for a key that is an identifier, unless errorOnNull is set", async () => {
      await rig().write(engine, "null", [["plain", null]]);
      using files = await rig().render([asking("null", "plain")]);
      expect(textOf(files.file(asking("null", "plain")))).toBe("<no value>");
      const uses = ["vault-kv2", "vault-kv1"].map((use) => ({ use, options: { errorOnNull: true } }));
      const admit = await vaultAdmission(JSON.stringify({ global: false, managers: uses }));
      using checked = await rig().render([asking("null", "plain")], { admit });
      expectNoFile(checked, asking("null", "plain"), /missing key/);
    });

    test("a value that is null is an error for any other key", async () => {
      await rig().write(engine, "null", [["other-key", null]]);
      using files = await rig().render([asking("null", "other-key")]);
      expectNoFile(files, asking("null", "other-key"), /missing key/);
    });

    test("a path where nothing is gives no file", async () => {
      using files = await rig().render([asking("nowhere", "password")], { endAt: NOTHING });
      expectNoFile(files, asking("nowhere", "password"), NOTHING);
    });

    test.each([
      ["present", /map has no entry for key/],
      ["present-key", /missing key|index of untyped nil/],
    ])("%s of the other engine's secret is an error", async (key, reason) => {
      await rig().write(other, "other", [[key, VALUE]]);
      const request = { ...asking("other", key), group: `${other.prefix}/other` };
      using files = await rig().render([request]);
      expectNoFile(files, request, reason);
    });
  });

  describe("versions of kv2", () => {
    const asking = (group: string): RequestFields => ({ group, groupVersion: "kv2", key: "password" });

    test("without one it is the latest, with one it is that; data may be left out of the path", async () => {
      for (const version of ["first", "second", "third"]) await rig().write(KV2, "versions", [["password", version]]);
      const groups = [
        "secret/data/versions",
        "secret/versions",
        "secret/data/versions?version=2",
        "secret/versions?version=1",
      ];
      using files = await rig().render(groups.map(asking));
      expect(files).toMatchObject({ code: 0 });
      expect(groups.map((group) => textOf(files.file(asking(group))))).toEqual(["third", "third", "second", "first"]);
    });

    test("one that is deleted gives no file", async () => {
      for (const version of ["first", "second"]) await rig().write(KV2, "deleted", [["password", version]]);
      await rig().vault.call("DELETE", "secret/data/deleted");
      const request = asking("secret/data/deleted");
      using files = await rig().render([request], { endAt: NOTHING });
      expectNoFile(files, request, NOTHING);
    });
  });
});

/** The agent has failed for this reason, or was still trying. */
function expectNoFile({ code, log, file }: PodFiles, request: RequestFields, reason: RegExp): void {
  expect(code).toBeGreaterThan(0);
  expect(log).toMatch(reason);
  expect(existsSync(file(request))).toBe(false);
}
