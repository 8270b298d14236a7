/** Flyte's own cases for its functions that add env vars and volumes, and for the name of a Secret without a group. */
import { describe, expect, it } from "vitest";

import {
  addEnv,
  addSecretItem,
  addVolume,
  createNaming,
  PROFILES,
  type EnvVar,
  type Pod,
  type Volume,
} from "../src/index.ts";
import { contextOf, request } from "./fixtures.ts";
import vectors from "./vectors/mutations.json" with { type: "json" };

interface HelperVector {
  readonly id: string;
  readonly env_in?: readonly EnvVar[];
  readonly env_out?: readonly EnvVar[];
  readonly volumes_in?: readonly Volume[];
  readonly volumes_out?: readonly Volume[];
  readonly add: EnvVar | Volume;
}

const helpers = vectors.helper_functions as unknown as readonly HelperVector[];

function vector(id: string): HelperVector {
  const found = helpers.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`there is no vector ${id}`);
  return found;
}

describe("adding an env var", () => {
  for (const id of ["append-env-v1-existing-kept", "append-env-v1-added", "append-env-v2-existing-replaced"]) {
    it(`does as Flyte does: ${id}`, () => {
      const { env_in: env = [], env_out: expected, add } = vector(id);
      const pod: Pod = { spec: { containers: [{ name: "main", env }] } };
      const profile = id.includes("-v1-") ? "flyte-v1" : "flyte-v2";
      expect(addEnv(pod, contextOf(pod, profile), [add as EnvVar]).spec?.containers[0]?.env).toEqual(expected);
    });
  }
});

describe("adding a volume", () => {
  // Flyte's case has names that no volume can have.
  const id = "append-volume-other-volumes-kept";
  it(`does as Flyte does, with names that a volume can have: ${id}`, () => {
    const { volumes_in: volumes = [], volumes_out: expected, add } = renamed(vector(id));
    const pod: Pod = { spec: { containers: [], volumes } };
    expect(addVolume(pod, add as Volume).spec?.volumes).toEqual(expected);
  });

  it("leaves the user's volume of the same Secret as it is: append-volume-merge-items", () => {
    const { volumes_in: volumes = [] } = vector("append-volume-merge-items");
    const pod: Pod = { spec: { containers: [], volumes } };
    const item = { secretName: "foo", groupVersion: "", key: "newKey", path: "newkey", optional: true };
    const { pod: result, volumeName } = addSecretItem(pod, item);
    const secret = { secretName: "foo", items: [{ key: "newKey", path: "newkey" }], optional: true };
    expect(result.spec?.volumes).toEqual([...volumes, { name: volumeName, secret }]);
  });

  it("joins the keys of one Secret in a volume of its own: append-volume-merge-items", () => {
    const item = { secretName: "foo", groupVersion: "", key: "existingKey", path: "existingkey", optional: true };
    const first = addSecretItem({ spec: { containers: [] } }, item);
    const second = addSecretItem(first.pod, { ...item, key: "newKey", path: "newkey" });
    expect(second.pod.spec?.volumes).toEqual([
      {
        name: first.volumeName,
        secret: {
          secretName: "foo",
          items: [
            { key: "existingKey", path: "existingkey" },
            { key: "newKey", path: "newkey" },
          ],
          optional: true,
        },
      },
    ]);
  });
});

describe("the group that stands in for an empty one", () => {
  const naming = createNaming(PROFILES["flyte-v2"]);
  const names = vectors.v2_names.filter(({ id }) => id.startsWith("v2-k8s-md5-name"));
  for (const { id, key = "", k8s_secret_name: name } of names) {
    it(`is Flyte's: ${id}`, () => {
      expect(naming.group(request({ key }))).toBe(name);
    });
  }
});

function renamed(helper: HelperVector): HelperVector {
  return JSON.parse(JSON.stringify(helper).replaceAll("new_secret", "new-secret")) as HelperVector;
}
