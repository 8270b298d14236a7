import { readFileSync } from "node:fs";

import { secretVolumeName } from "@pod-secrets/core";
import { normalisePod, runVectors, type Difference, type VectorFile } from "@pod-secrets/injector-testkit";
import { expect } from "vitest";

import plugin from "../src/index.ts";

const text = readFileSync(new URL("../../core/test/vectors/mutations.json", import.meta.url), "utf8");
const vectors = JSON.parse(text) as VectorFile;

/** Flyte's own tests name a Secret in upper case, which no API server takes. */
const UPPER_CASE: readonly string[] = [
  "v1-k8s-env-with-env-var",
  "v1-k8s-file-single",
  "v1-k8s-file-with-env-var",
  "v1-k8s-file-second-key-same-group",
  "v1-k8s-group-upper-case",
  "v2-k8s-env-simple",
  "v2-k8s-file-single",
  "v2-k8s-file-with-env-var",
  "v2-k8s-file-second-key-same-group",
  "v2-k8s-group-upper-case",
];

const invalidSecretName: Difference = {
  because: "no Secret can have a name in upper case",
  instead: ({ decisions }) =>
    expect(decisions).toMatchObject([
      {
        outcome: "refused",
        answers: [{ outcome: "skipped", reason: expect.stringContaining("no Secret can have the name") }],
      },
    ]),
};

const ownVolume: Difference = {
  because: "the user's volume of the same Secret stays as it is",
  instead: ({ pod }, { pod_in: podIn }) => {
    const [own] = (podIn as typeof pod).spec?.volumes ?? [];
    const secret = { secretName: "user-info", items: [{ key: "password", path: "password" }], optional: true };
    expect(pod.spec?.volumes).toEqual([own, { name: "ovzwk3rnnfxgm216", secret }]);
  },
};

const oneVolume: Difference = {
  because: "two versions of a group are keys of one Secret, so they share a volume and its mount",
  instead: ({ pod }) => {
    expect(pod.spec?.volumes).toMatchObject([{ secret: { items: [{ key: "k1" }, { key: "k2" }] } }]);
    expect(pod.spec?.containers[0]?.volumeMounts).toMatchObject([{ name: pod.spec?.volumes?.[0]?.name }]);
  },
};

const oneItem: Difference = {
  because: "the same key twice is one file",
  instead: ({ pod }) => expect(pod.spec?.volumes?.[0]?.secret?.items).toHaveLength(1),
};

const oneFile: Difference = {
  because: "two keys that are one file are refused",
  instead: ({ decisions }) =>
    expect(decisions).toMatchObject([{ outcome: "injected" }, { outcome: "refused", code: "E_FILE_COLLISION" }]),
};

const shortVolumeName: Difference = {
  because: "a volume name has at most 63 characters",
  instead: ({ pod }) => {
    expect(pod.spec?.volumes).toMatchObject([{ name: expect.stringMatching(/^fs-[0-9a-f]{20}$/) }]);
    expect(pod.spec?.containers[0]?.volumeMounts).toMatchObject([{ name: pod.spec?.volumes?.[0]?.name }]);
  },
};

runVectors(plugin, vectors, {
  manager: "K8s",
  differs: {
    ...Object.fromEntries(UPPER_CASE.map((id) => [id, invalidSecretName])),
    "v1-k8s-file-user-volume-same-secret": ownVolume,
    "v2-k8s-file-user-volume-same-secret": ownVolume,
    "v1-k8s-file-same-group-two-versions": oneVolume,
    "v2-k8s-file-same-group-two-versions": oneVolume,
    "v1-k8s-file-same-key-twice": oneItem,
    "v1-k8s-file-keys-differ-by-case": oneFile,
    "v1-k8s-file-39-byte-group": shortVolumeName,
  },
});

const envStays: Difference = {
  because: "env vars that are there already stay where they are",
  instead: ({ pod }, { pod_in: podIn, pod_out: podOut }) => {
    const [before, theirs] = [podIn, podOut].map(normalisePod);
    expect(pod.spec?.volumes).toEqual(theirs?.spec?.volumes);
    expect(pod.spec?.containers).toEqual(before?.spec?.containers);
  },
};

// The same vectors with a name that a Secret can have, so that all else in them is held, too.
const inLowerCase = text
  .replaceAll("grOUP", "group")
  .replaceAll(secretVolumeName("grOUP", ""), secretVolumeName("group", ""));
runVectors(plugin, JSON.parse(inLowerCase) as VectorFile, {
  manager: "K8s",
  select: ({ id }) => UPPER_CASE.includes(id) && !id.endsWith("-group-upper-case"),
  differs: { "v2-k8s-file-second-key-same-group": envStays },
});
