import {
  injectionContext,
  openInjector,
  secretRequest,
  testHost,
  testPod,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";

async function warningsFor(fields: RequestFields, options: unknown = {}, pod = testPod()): Promise<readonly string[]> {
  const injector = await openInjector(plugin, options);
  const request = secretRequest({ group: GROUP, key: "name", ...fields });
  const injection = await injector.inject(pod, request, injectionContext(pod));
  if (injection.outcome !== "injected") throw new Error(injection.outcome);
  return injection.warnings ?? [];
}

test.each([
  [GROUP, "name"],
  [`${GROUP}:`, ":prod/db-AbCdEf"],
  ["arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret", "a/b_c+d=e.f@g-h"],
  ["arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret", "x"],
])("an ARN needs no warning: %s and %s", async (group, key) => {
  expect(await warningsFor({ group, key })).toEqual([]);
});

test.each([
  ["prod/db", "Password", "prod/db:Password"],
  ["arn", "name", "arn:name"],
  ["arn:aws:s3:::bucket", "name", "arn:aws:s3:::bucket:name"],
  ["arn:aws:secretsmanager:us-east-2:1234:secret", "name", "arn:aws:secretsmanager:us-east-2:1234:secret:name"],
  [`${GROUP}:team`, "name", `${GROUP}:team:name`],
  [GROUP, "a b", `${GROUP}:a b`],
  [GROUP, "a$(HOME)", `${GROUP}:a$(HOME)`],
])("group %s and key %s are no ARN, and the warning says so", async (group, key, arn) => {
  expect(await warningsFor({ group, key })).toEqual([
    `"${arn}" is no ARN of AWS Secrets Manager: the init container that fetches it will fail`,
  ]);
});

test("group_version is ignored, and the warning says so", async () => {
  expect(await warningsFor({ groupVersion: "AWSPREVIOUS" })).toEqual([
    'group_version "AWSPREVIOUS" is ignored: the current version is fetched',
  ]);
});

test("a pod that must not run as root is warned that the default image does", async () => {
  const pod = testPod({ securityContext: { runAsNonRoot: true } });
  expect(await warningsFor({}, {}, pod)).toEqual([
    "the pod must not run as root, and the init container that fetches its secrets does unless configured",
  ]);
  expect(await warningsFor({}, { securityContext: { runAsUser: 65532 } }, pod)).toEqual([]);
  expect(await warningsFor({}, { securityContext: { runAsNonRoot: false } }, pod)).toEqual([]);
  expect(await warningsFor({}, {}, testPod({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } }))).toEqual([]);
});

test.each([
  [{}, 1],
  [{ image: "registry.example.com/puller:1" }, 0],
])("with options %j the operator gets %i warnings about the image, once", async (options, count) => {
  const warned: string[] = [];
  const host = testHost();
  const injector = await openInjector(plugin, options, {
    ...host,
    log: { ...host.log, warn: (message) => void warned.push(message) },
  });
  const pod = testPod();
  for (const key of ["a", "b"]) await injector.inject(pod, secretRequest({ group: GROUP, key }), injectionContext(pod));
  expect(warned).toHaveLength(count);
});
