/** Random pods with random requests, plausible for every built-in manager, that often meet each other. */
import {
  ANNOTATION_PREFIX,
  encodeRequests,
  goUpper,
  type MountRequirement,
  type Pod,
  type SecretAsk,
} from "@pod-secrets/core";
import { arbitraryPod } from "@pod-secrets/injector-testkit";
import fc from "fast-check";

import { withOwnThings } from "./own-things.ts";

const ARN = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
const VAULT = "https://my-vault.vault.azure.net";

interface Names {
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly keys: readonly string[];
  readonly mounts: readonly MountRequirement[];
}

/** Names per manager. Some differ only by case or a slash, so that files, volumes and env vars meet. */
const NAMES: readonly Names[] = [
  {
    groups: ["shared", "team", "SHARED", "unreadable"],
    versions: ["", "", "v1"],
    keys: ["token", "token", "password", "TOKEN", "missing"],
    mounts: ["ANY", "ENV_VAR"],
  },
  {
    groups: ["user-info", "db", "a.b", "x", "user-info.2"],
    versions: ["", "", "v1", "2"],
    keys: ["password", "Password", "tls.crt", "tls-crt", "TLS.CRT", "_x", "a"],
    mounts: ["ANY", "ENV_VAR", "FILE"],
  },
  {
    groups: ["secret/app", "secret/App", "secret", "kv/team/db"],
    versions: ["kv1"],
    keys: ["password", "pass-word", "1"],
    mounts: ["ANY", "FILE"],
  },
  {
    groups: ["secret/data/app", "secret/data/app?version=3", "secret/data/app/"],
    versions: ["kv2", "kv2", ""],
    keys: ["password", 'a"b', "k"],
    mounts: ["ANY", "FILE"],
  },
  {
    groups: ["database/creds/app", "database/creds/app?ttl=1h"],
    versions: ["db"],
    keys: ["username", "password"],
    mounts: ["ANY", "FILE"],
  },
  {
    groups: [ARN, `${ARN}:`, `${ARN}::`],
    versions: ["", "", "v1"],
    keys: ["prod/db-AbCdEf", "prod", ":token", "user"],
    mounts: ["ANY", "FILE", "ENV_VAR"],
  },
  {
    groups: ["projects/my-project/secrets/db", "projects/1234/secrets/DB", "Token", "token"],
    versions: ["3", "3", "latest", ""],
    keys: ["", "", "password", "3"],
    mounts: ["ANY", "FILE", "ENV_VAR"],
  },
  {
    groups: [`${VAULT}/secrets/Db`, `${VAULT}/secrets/db/`, "https://other.vault.azure.cn/secrets/db"],
    versions: ["", "", "0123456789abcdef0123456789abcdef"],
    keys: ["", "", "user"],
    mounts: ["ANY", "FILE", "ENV_VAR"],
  },
];

/** Nobody's, or wrong, or not to be had so. */
const WRONG: Names = {
  groups: ["", "User Info", "..", "secret/../x", "secret//x", ARN],
  versions: ["", "kv2", "KV2"],
  keys: ["", "password", "../x", "a/b"],
  mounts: ["ANY", "ENV_VAR", "FILE"],
};

const ENV_VARS: readonly string[] = [
  ...["MY_SECRET", "DB_PASSWORD", "my.secret", "_FSEC_DB_PASSWORD", "_UNION_DB_PASSWORD", "PATH"],
  ...["FLYTE_SECRETS_DEFAULT_DIR", "FLYTE_SECRETS_FILE_PREFIX", "FLYTE_SECRETS_ENV_PREFIX"],
  ...["SECRET_ARN", "SECRET_FILENAME"],
];

function arbitraryAsk({ groups, versions, keys, mounts }: Names): fc.Arbitrary<SecretAsk> {
  return fc.record({
    group: fc.constantFrom(...groups),
    groupVersion: fc.constantFrom(...versions),
    key: fc.constantFrom(...keys),
    mountRequirement: fc.constantFrom(...mounts),
    envVar: fc.oneof(
      { arbitrary: fc.constant(""), weight: 12 },
      { arbitrary: fc.constantFrom(...ENV_VARS), weight: 1 },
    ),
  });
}

/** A refusal of one secret hides the others, so most pods ask few managers, and seldom for what nobody has. */
function arbitraryAsks(): fc.Arbitrary<readonly SecretAsk[]> {
  return fc.oneof(manyAsks(), clashingAsks());
}

function manyAsks(): fc.Arbitrary<readonly SecretAsk[]> {
  return fc.subarray([...NAMES], { minLength: 1, maxLength: 3 }).chain((kinds) => {
    const asks = kinds.map((names) => ({ arbitrary: arbitraryAsk(names), weight: 30 }));
    const ask = fc.oneof(...asks, { arbitrary: arbitraryAsk(WRONG), weight: 1 });
    return fc.oneof(fc.array(ask, { maxLength: 4 }), fc.array(ask, { minLength: 5, maxLength: 12 }));
  });
}

/** A secret, and others that may want what it wants. */
function clashingAsks(): fc.Arbitrary<readonly SecretAsk[]> {
  return fc
    .constantFrom(...NAMES)
    .chain((names) =>
      arbitraryAsk(names).chain((ask) =>
        fc.tuple(fc.constant(ask), fc.subarray(twinsOf(ask), { minLength: 1, maxLength: 2 })),
      ),
    )
    .chain(([ask, twins]) => fc.shuffledSubarray([ask, ...twins], { minLength: 1 }));
}

function twinsOf(ask: SecretAsk): SecretAsk[] {
  const { group = "", key = "" } = ask;
  const [directory = ""] = group.split("/", 1);
  const derived = ["_FSEC_", "_UNION_", "X_"].map((prefix) => goUpper(`${prefix}${group}_${key}`));
  const inOtherLetters = [key.toUpperCase(), key.toLowerCase(), key.replaceAll(".", "-"), key.replaceAll("-", ".")];
  return [
    ask,
    ...inOtherLetters.map((other) => ({ ...ask, key: other })),
    { ...ask, group: group.toUpperCase() },
    ...[...derived, "MY_SECRET"].map((envVar) => ({ ...ask, key: "other", envVar })),
    { ...ask, envVar: "MY_SECRET" },
    ...(["ANY", "ENV_VAR", "FILE"] as const).map((mountRequirement) => ({ ...ask, mountRequirement })),
    ...[directory, "db"].map((other) => ({ group: other, key: "password" })),
    { group: "secret/data/app", groupVersion: "kv2", key: "password" },
  ];
}

/** A pod, as the API server would take it, with up to twelve requests. */
export function arbitraryAskingPod(): fc.Arbitrary<Pod> {
  return fc
    .tuple(arbitraryPod(), arbitraryAsks())
    .chain(([pod, asks]) => withOwnThings(pod, asks).map((own) => asking(own, asks)));
}

/** Requests with which somebody else's pod, which this one is a copy of, was admitted. */
export function arbitraryEarlierAsks(): fc.Arbitrary<readonly SecretAsk[] | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 9 }, { arbitrary: arbitraryAsks(), weight: 1 });
}

/** The pod with these requests and no others. As from the wire: no two parts of it are one object. */
export function asking(pod: Pod, asks: readonly SecretAsk[]): Pod {
  const others = Object.entries(pod.metadata?.annotations ?? {}).filter(([key]) => !key.startsWith(ANNOTATION_PREFIX));
  const annotations = { ...Object.fromEntries(others), ...encodeRequests(asks) };
  const metadata = Object.keys(annotations).length === 0 ? pod.metadata : { ...pod.metadata, annotations };
  return JSON.parse(JSON.stringify({ ...pod, metadata })) as Pod;
}
