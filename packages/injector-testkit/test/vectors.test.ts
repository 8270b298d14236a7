/** The runner of golden vectors, on Flyte's own vectors with the sample injector in the part of its K8s manager. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { normalisePod, runVectors, type Difference, type VectorFile } from "../src/index.ts";
import { fillPlaceholders, managersOf, requestsOf } from "../src/vectors.ts";
import { sampleInjector } from "./injectors/sample.ts";

const path = new URL("../../core/test/vectors/mutations.json", import.meta.url);
const file = JSON.parse(readFileSync(path, "utf8")) as VectorFile;

/** Flyte's own tests use names that no Secret can have; injector-k8s lists them all. */
const DIFFERS: Readonly<Record<string, Difference>> = {
  "v1-k8s-group-upper-case": {
    because: "no Secret can have such a name",
    instead: ({ decisions }) => expect(decisions.map(({ outcome }) => outcome)).toEqual(["refused"]),
  },
  "v1-k8s-file-same-key-twice": {
    because: "one file needs one item",
    instead: ({ pod }) =>
      expect(pod.spec?.volumes?.[0]?.secret?.items).toEqual([{ key: "password", path: "password" }]),
  },
};

runVectors(sampleInjector, file, {
  manager: "K8s",
  select: ({ id, bug, secrets }) =>
    Object.hasOwn(DIFFERS, id) || (bug !== true && secrets.every(({ group = "" }) => !/[A-Z]/.test(group))),
  differs: DIFFERS,
});

describe("the normal form of a pod", () => {
  test("leaves out what Go writes or drops, and says that a missing value is empty", () => {
    const pod = {
      metadata: { creationTimestamp: null, annotations: {} },
      spec: {
        volumes: [],
        containers: [{ name: "c", resources: {}, env: [{ name: "A" }, { name: "B", valueFrom: {} }] }],
      },
      status: {},
    };
    expect(normalisePod(pod)).toEqual({
      spec: {
        containers: [
          {
            name: "c",
            env: [
              { name: "A", value: "" },
              { name: "B", valueFrom: {} },
            ],
          },
        ],
      },
    });
  });

  test("keeps an empty source of a volume", () => {
    const pod = { spec: { volumes: [{ name: "v", emptyDir: {} }] } };
    expect(normalisePod(pod)).toEqual(pod);
  });
});

describe("a placeholder for a random id", () => {
  const expected = {
    metadata: { annotations: { "x/secret-{uuid-0}": "a", "x/file-{uuid-0}": "f", "x/secret-{uuid-1}": "b" } },
  };

  test("stands for the id that is there with the same value, everywhere", () => {
    const ours = { metadata: { annotations: { "x/secret-2": "b", "x/secret-1": "a", "x/file-1": "f" } } };
    expect(fillPlaceholders(expected, ours)).toEqual(ours);
  });

  test("stays where nothing is there in its place", () => {
    const ours = { metadata: { annotations: { "x/secret-1": "a" } } };
    expect(Object.keys(fillPlaceholders(expected, ours).metadata?.annotations ?? {})).toContain("x/secret-{uuid-1}");
  });
});

describe("a vector", () => {
  test("with a mount requirement that does not exist has no requests", () => {
    const vector = file.vectors.find(({ id }) => id === "v1-k8s-unknown-mount-requirement");
    expect(vector && requestsOf(vector)).toBeUndefined();
  });

  test("names its managers in Flyte's three ways", () => {
    const managers = new Set(file.vectors.flatMap(managersOf));
    expect([...managers].toSorted()).toEqual(["AWS", "Azure", "Embedded", "GCP", "Global", "K8s", "Vault"]);
  });
});
