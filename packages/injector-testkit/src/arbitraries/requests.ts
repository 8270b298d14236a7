/** Random requests. */
import fc from "fast-check";

import type { MountRequirement, SecretRequest } from "@pod-secrets/core";

import { secretRequest, type RequestFields } from "../requests.ts";
import { hostileName } from "./hostile-names.ts";

const MOUNT_REQUIREMENTS: readonly MountRequirement[] = ["ANY", "ENV_VAR", "FILE"];

/** Any request that an annotation can hold, mostly with names that some manager knows. */
export function arbitraryRequest(): fc.Arbitrary<SecretRequest> {
  return fc
    .record({
      group: fc.oneof(fc.stringMatching(/^[a-z][-a-z0-9]{0,12}[a-z0-9]$/), fc.constant("")),
      groupVersion: fc.constantFrom("", "", "1", "v2", "kv1", "kv2", "db"),
      key: fc.oneof(fc.stringMatching(/^[A-Za-z][-._A-Za-z0-9]{0,12}$/), fc.constant("")),
      mountRequirement: fc.constantFrom(...MOUNT_REQUIREMENTS),
      envVar: fc.constantFrom("", "", "MY_SECRET", "db-password"),
    })
    .map(secretRequest);
}

/** One of the given requests, with one or more of its names replaced by hostile ones. */
export function hostileRequest(bases: readonly RequestFields[]): fc.Arbitrary<SecretRequest> {
  const hostileFields: readonly fc.Arbitrary<RequestFields>[] = [
    hostileName().map((group) => ({ group })),
    hostileName().map((key) => ({ key })),
    hostileName().map((groupVersion) => ({ groupVersion })),
    hostileName().map((envVar) => ({ envVar })),
    fc.record({ group: hostileName(), key: hostileName() }),
  ];
  return fc
    .tuple(fc.constantFrom(...bases), fc.oneof(...hostileFields), fc.constantFrom(...MOUNT_REQUIREMENTS))
    .map(([base, hostile, mountRequirement]) => secretRequest({ ...base, mountRequirement, ...hostile }));
}
