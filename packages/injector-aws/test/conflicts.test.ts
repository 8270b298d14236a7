import { isSecretError, type Pod } from "@pod-secrets/core";
import {
  injectionContext,
  openInjector,
  secretRequest,
  testContainer,
  testPod,
  type RequestFields,
} from "@pod-secrets/injector-testkit";
import { expect, test } from "vitest";

import plugin from "../src/index.ts";

const GROUP = "arn:aws:secretsmanager:us-east-2:123456789012:secret";
const injector = await openInjector(plugin);

function outcome(pod: Pod, ...requests: RequestFields[]): string {
  let after = pod;
  try {
    for (const fields of requests) {
      const injection = injector.inject(after, secretRequest(fields), { ...injectionContext(pod), userPod: pod });
      if (injection instanceof Promise || injection.outcome !== "injected") return "not injected";
      after = injection.pod;
    }
    return "injected";
  } catch (error) {
    if (isSecretError(error)) return error.code;
    throw error;
  }
}

function podWithMount(mountPath: string, readOnly: boolean): Pod {
  const volumeMounts = [{ name: "other", mountPath, readOnly }];
  return testPod({
    volumes: [{ name: "other", secret: { secretName: "user-info" } }],
    containers: [testContainer({ volumeMounts })],
  });
}

const request = { group: GROUP, key: "name" };

test.each([
  ["a file of a Kubernetes Secret in the secrets directory", podWithMount("/etc/flyte/secrets/user-info", true)],
  ["a volume of the user in the secrets directory", podWithMount("/etc/flyte/secrets/mine", false)],
  ["a volume of the user at the secrets directory", podWithMount("/etc/flyte/secrets/", false)],
  ["a volume of the user that is there in the end", podWithMount("/etc/flyte/config/../secrets", false)],
  [
    "secrets of Vault, whose webhook mounts at the secrets directory later",
    testPod(
      {},
      {
        annotations: {
          "vault.hashicorp.com/agent-inject": "true",
          "vault.hashicorp.com/secret-volume-path": "/etc/flyte/secrets",
        },
      },
    ),
  ],
])("%s cannot be in the same pod", (_, pod) => {
  expect(outcome(pod, request)).toBe("E_MOUNT_CONFLICT");
});

test("a volume of the user elsewhere can be in the same pod", () => {
  expect(outcome(podWithMount("/etc/flyte/config", true), request)).toBe("injected");
});

test("another volume of the same name is not overwritten", () => {
  const pod = testPod({ volumes: [{ name: "aws-secret-vol", configMap: { name: "mine" } }] });
  expect(outcome(pod, request)).toBe("E_VOLUME_CONFLICT");
});

test.each([
  ["names that differ only by case", { group: GROUP, key: "NAME" }],
  ["a file where another needs a directory", { group: `${GROUP}/name`, key: "part" }],
])("%s are refused", (_, other) => {
  expect(outcome(testPod(), request, other)).toBe("E_FILE_COLLISION");
  expect(outcome(testPod(), other, request)).toBe("E_FILE_COLLISION");
});

function podWithPuller(arn: string, file: string): Pod {
  const env = [
    { name: "SECRET_ARN", value: arn },
    { name: "SECRET_FILENAME", value: file },
  ];
  return testPod({ initContainers: [testContainer({ name: "aws-pull-secret-0", env })] });
}

test("a puller of the user is seen however it writes the path of its file", () => {
  const file = `/x/..//${GROUP}/name`;
  expect(outcome(podWithPuller("arn:other", file), request)).toBe("E_FILE_COLLISION");
  expect(outcome(podWithPuller(`${GROUP}:name`, file), request)).toBe("injected");
  expect(outcome(podWithPuller("arn:other", `/..${file}`), request)).toBe("injected");
});

test("files side by side are not refused", () => {
  expect(outcome(testPod(), request, { group: GROUP, key: "name2" }, { group: GROUP, key: "na" })).toBe("injected");
});
