/** What happens when the user already has a thing of the name that the injector wants to add. */
import {
  checkInjection,
  type Container,
  type EnvVar,
  type Pod,
  type PodSpec,
  type VolumeMount,
} from "@pod-secrets/core";

import { testContainer, testPod } from "../pods.ts";
import { secretRequest } from "../requests.ts";
import { additions, type Additions } from "./additions.ts";
import { admit, describeAnswer, type Admission, type Step } from "./admission.ts";
import type { Check, Subject } from "./cases.ts";
import { checkAdditions } from "./patch.ts";
import { SETTINGS, describeCase, forEachInOrder, prepared, withInjector } from "./scenarios.ts";

export const CONFLICT_CHECKS: readonly Check[] = [
  {
    id: "conflicts/env",
    title: "lets the profile decide whose env var wins",
    run: (subject) => forEachConflict(subject, envConflicts, checkEnvWinner),
  },
  {
    id: "conflicts/volume",
    title: "leaves the user's volume alone, or refuses the secret",
    run: (subject) => forEachConflict(subject, volumeConflicts, () => {}),
  },
  {
    id: "conflicts/mount",
    title: "leaves the user's mount alone, or refuses the secret",
    run: (subject) => forEachConflict(subject, mountConflicts, () => {}),
  },
  {
    id: "conflicts/container",
    title: "leaves the user's container alone, or refuses the secret",
    run: (subject) => forEachConflict(subject, containerConflicts, () => {}),
  },
  {
    id: "conflicts/annotation",
    title: "leaves the user's annotation alone, or refuses the secret",
    run: (subject) => forEachConflict(subject, annotationConflicts, () => {}),
  },
];

/** Pods that have, in other form, what the injector adds to `pod`. */
type Conflicts = (pod: Pod, added: Additions) => readonly Pod[];
type Checked = (admission: Admission, step: Step) => void;

async function forEachConflict(subject: Subject, conflicts: Conflicts, check: Checked): Promise<void> {
  const { plugin, cases } = subject;
  await withInjector(subject, (injector) =>
    forEachInOrder(cases.injects, (fields) =>
      forEachInOrder(SETTINGS, async (settings) => {
        const request = secretRequest(fields);
        const pod = prepared(cases, testPod());
        const plain = await admit(plugin, injector, pod, [request], settings);
        await forEachInOrder(conflicts(pod, additions(pod, plain.after)), async (conflicting) => {
          const admission = await admit(plugin, injector, conflicting, [request], settings);
          for (const step of admission.steps) {
            try {
              checkConflict(admission, step);
              check(admission, step);
            } catch (error) {
              throw new Error(`${describeCase(request, settings)}: ${error instanceof Error ? error.message : ""}`, {
                cause: error,
              });
            }
          }
        });
      }),
    ),
  );
}

function checkConflict({ context }: Admission, { before, answer, after }: Step): void {
  if (answer.outcome === "skipped")
    throw new Error(
      `on a conflict it is ${describeAnswer(answer)}: refuse it, or another manager is asked for a secret that is yours`,
    );
  if (answer.outcome === "refused") return;
  const problem = checkInjection(before, answer, context);
  if (problem !== undefined) throw new Error(`on a conflict ${problem}`);
  checkAdditions(before, after);
}

const USERS_VALUE = "set by the user";

function envConflicts(pod: Pod, { env }: Additions): readonly Pod[] {
  const names = new Set(env.filter(({ ours }) => !ours).map(({ entry }) => entry.name));
  return [...names].map((name) =>
    withContainer(pod, {
      env: [
        { name: "FIRST", value: "1" },
        { name, value: USERS_VALUE },
      ],
    }),
  );
}

function checkEnvWinner({ context }: Admission, { before, answer, after }: Step): void {
  if (answer.outcome !== "injected") return;
  const isUsers = (entry: EnvVar): boolean => entry.value === USERS_VALUE;
  const users = before.spec?.containers[0]?.env?.find(isUsers);
  const now = after.spec?.containers[0]?.env?.filter(({ name }) => name === users?.name) ?? [];
  const keeps = context.profile.envPlacement === "append";
  if (now.length !== 1) throw new Error(`env var ${users?.name} is in the container ${now.length} times`);
  if (now.some(isUsers) !== keeps)
    throw new Error(
      `env var ${users?.name} of the user should ${keeps ? "stay" : "give way"} in this profile: use addEnv`,
    );
}

function volumeConflicts(pod: Pod, { volumes }: Additions): readonly Pod[] {
  return volumes.map(({ name }) => withSpec(pod, { volumes: [{ name, configMap: { name: "of-the-user" } }] }));
}

function mountConflicts(pod: Pod, { mounts }: Additions): readonly Pod[] {
  const paths = new Set(mounts.filter(({ ours }) => !ours).map(({ entry }) => entry.mountPath));
  return [...paths].flatMap((path) =>
    [path, `${path}/`].map((mountPath) => {
      const mount: VolumeMount = { name: "of-the-user", mountPath };
      const mounted = withContainer(pod, { volumeMounts: [mount] });
      return withSpec(mounted, { volumes: [{ name: "of-the-user", emptyDir: {} }] });
    }),
  );
}

function containerConflicts(pod: Pod, { initContainers }: Additions): readonly Pod[] {
  return initContainers.flatMap(({ name }) => {
    const users = testContainer({ name, image: "example.com/of-the-user:1", command: ["true"] });
    const containers = [...(pod.spec?.containers ?? []), users];
    return [withSpec(pod, { initContainers: [users] }), withSpec(pod, { containers })];
  });
}

function annotationConflicts(pod: Pod, { annotations }: Additions): readonly Pod[] {
  return annotations.map(([key]) => ({
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, [key]: USERS_VALUE } },
  }));
}

function withContainer(pod: Pod, fields: Partial<Container>): Pod {
  return withSpec(pod, { containers: [testContainer(fields)] });
}

function withSpec(pod: Pod, fields: Partial<PodSpec>): Pod {
  return { ...pod, spec: { containers: [], ...pod.spec, ...fields } };
}
