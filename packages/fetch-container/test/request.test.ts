import type { Pod, SecretAsk } from "@pod-secrets/core";
import { describe, expect, test } from "vitest";

import { admit, admitted, fetcherOf, fileManager, podAsking } from "./admission.ts";

const FILE = { groupVersion: "a", mountRequirement: "FILE" } as const;
const MANAGERS = [fileManager("a"), fileManager("b", "/others")];

function partsOf(pod: Pod): readonly string[] {
  return (fetcherOf(pod).env ?? []).map(({ name, value }) => `${name.replace(/[0-9a-f]{20}$/, "ID")} ${value}`);
}

describe("the request of the container", () => {
  test("has a part per store and per file, whichever managers are mixed", async () => {
    const asks: SecretAsk[] = [
      { ...FILE, group: "DB", key: "Password" },
      { ...FILE, group: "x", key: "y", groupVersion: "b" },
      { ...FILE, group: "DB", key: "User" },
    ];
    const pod = await admitted(podAsking(asks), MANAGERS);
    expect(partsOf(pod)).toEqual([
      'POD_SECRETS_FETCH {"version":1,"volume":"/run/pod-secrets"}',
      'POD_SECRETS_FETCH.a {"providers":{"a":{"use":"file","settings":{"folder":"/secrets"}}}}',
      'POD_SECRETS_FETCH.ID {"items":[{"name":"DB/Password","provider":"a","source":{"path":"DB/Password"},"files":[{"path":"db/password"}]}]}',
      'POD_SECRETS_FETCH.b {"providers":{"b":{"use":"file","settings":{"folder":"/others"}}}}',
      'POD_SECRETS_FETCH.ID {"items":[{"name":"x/y","provider":"b","source":{"path":"x/y"},"files":[{"path":"x/y"}]}]}',
      'POD_SECRETS_FETCH.ID {"items":[{"name":"DB/User","provider":"a","source":{"path":"DB/User"},"files":[{"path":"db/user"}]}]}',
    ]);
    expect((await admit(pod, MANAGERS)).outcome).toBe("unchanged");
  });

  test("has the same secret once", async () => {
    const ask: SecretAsk = { ...FILE, group: "db", key: "password" };
    expect(partsOf(await admitted(podAsking([ask, { ...ask, envVar: "FILE" }])))).toHaveLength(3);
  });

  test("holds no dollar, which the kubelet would expand", async () => {
    const pod = await admitted(podAsking([{ ...FILE, group: "a$(HOME)", key: "$$b" }]));
    expect(partsOf(pod).join()).not.toContain("$");
    expect(partsOf(pod).at(-1)).toContain(String.raw`"path":"a\u0024(home)/\u0024\u0024b"`);
  });
});

describe("two secrets that exclude each other are refused, in any order", () => {
  test.each<[string, SecretAsk, SecretAsk]>([
    ["one file, by case", { group: "db", key: "password" }, { group: "DB", key: "password" }],
    ["one file, of two stores", { group: "db", key: "password" }, { group: "db", key: "password", groupVersion: "b" }],
    ["a file where the other has a folder", { group: "db", key: "x" }, { group: "db/x", key: "y" }],
    ["a file two folders above", { group: "a$", key: 'b"' }, { group: "a$", key: 'b"/c/d' }],
  ])("%s", async (_what, one, other) => {
    const asks = [
      { ...FILE, ...one },
      { ...FILE, ...other },
    ];
    for (const order of [asks, asks.toReversed()]) {
      const refused = await admit(podAsking(order), MANAGERS);
      expect(refused).toMatchObject({ outcome: "refused", code: "E_FILE_COLLISION" });
    }
  });

  test("but not those whose names begin alike", async () => {
    const asks = ["x", "x.y", "xy"].map((key) => ({ ...FILE, group: "db", key }));
    expect(partsOf(await admitted(podAsking([...asks, { ...FILE, group: "d", key: "b" }])))).toHaveLength(6);
  });
});

test("two managers with other settings for one store are refused", async () => {
  const asks = ["x", "y"].map((key) => ({ ...FILE, group: "db", key }));
  const pod = await admitted(podAsking(asks), [fileManager("a")]);
  expect(await admit(pod, [fileManager("a", "/moved")])).toMatchObject({
    outcome: "refused",
    code: "E_CONTAINER_CONFLICT",
    message: expect.stringContaining('has other settings for "a"'),
  });
});

test.each(["..a", "x".repeat(256)])("a path that the program does not take is refused: %s", async (key) => {
  const refused = await admit(podAsking([{ ...FILE, group: "db", key }]));
  expect(refused).toMatchObject({ outcome: "refused", code: "E_PATH_UNSAFE" });
});
