/** The admission reviews that are measured: pods as Flyte makes them, with the defaults that the API server fills in. */
import { INJECT_LABEL, encodeRequests, type SecretRequest } from "../packages/core/src/index.ts";

/** What distinguishes one row from another. */
export interface PodShape {
  /** Containers of the pod. */
  readonly containers: number;
  readonly secrets: number;
  readonly mount: "ENV_VAR" | "FILE";
  /** Length of the review, in bytes: filled up with env vars of the user's own. */
  readonly bytes: number;
}

/** The body that the API server would post. */
export function reviewOf(shape: PodShape): string {
  const bare = encode(shape, 0);
  const filler = encode(shape, 1).length - bare.length;
  return encode(shape, Math.max(0, Math.round((shape.bytes - bare.length) / filler)));
}

/** @param fillers env vars of the user's own, dealt out to the containers */
function encode(shape: PodShape, fillers: number): string {
  return JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      requestKind: { group: "", version: "v1", kind: "Pod" },
      requestResource: { group: "", version: "v1", resource: "pods" },
      namespace: "flytesnacks-development",
      operation: "CREATE",
      userInfo: {
        username: "system:serviceaccount:flyte:flytepropeller",
        uid: "9f1c1a4e-7a0b-4a53-9a54-0f2f0c3d5b11",
        groups: ["system:serviceaccounts", "system:serviceaccounts:flyte", "system:authenticated"],
      },
      object: pod(shape, fillers),
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  });
}

function pod({ containers, secrets, mount }: PodShape, fillers: number): object {
  const perContainer = Math.floor(fillers / containers);
  const more = fillers % containers;
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: {
      name: "f5c1a2b3d4e5f6a7b8c9-n0-0",
      namespace: "flytesnacks-development",
      creationTimestamp: null,
      labels: {
        "execution-id": "f5c1a2b3d4e5f6a7b8c9",
        "node-id": "n0",
        "task-name": "core-flyte-basics-hello-world-say-hello",
        "workflow-name": "core-flyte-basics-hello-world-my-wf",
        ...(secrets === 0 ? {} : { [INJECT_LABEL]: "true" }),
      },
      annotations: {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        ...(secrets === 0 ? {} : encodeRequests(requests(secrets, mount))),
      },
      ownerReferences: [
        {
          apiVersion: "flyte.lyft.com/v1alpha1",
          kind: "flyteworkflow",
          name: "f5c1a2b3d4e5f6a7b8c9",
          uid: "2f9e51e5-5cd7-4a91-8d5b-4a1d2f6c7e80",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      volumes: [{ name: "kube-api-access-x7k2p", projected: { sources: [], defaultMode: 420 } }],
      containers: Array.from({ length: containers }, (_, index) =>
        container(index, perContainer + (index < more ? 1 : 0)),
      ),
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: "default",
      serviceAccount: "default",
      securityContext: {},
      schedulerName: "default-scheduler",
      tolerations: [
        { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
        { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
      ],
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
    },
    status: {},
  };
}

function container(index: number, fillers: number): object {
  return {
    name: index === 0 ? "f5c1a2b3d4e5f6a7b8c9-n0-0" : `sidecar-${index}`,
    image: "cr.flyte.org/flyteorg/flytecookbook:core-2bd81805629e41faeaa25039a6e6abe847446356",
    args: [
      "pyflyte-execute",
      "--inputs",
      "s3://my-s3-bucket/metadata/propeller/inputs.pb",
      "--output-prefix",
      "s3://o",
    ],
    env: Array.from({ length: fillers }, (_, count) => ({
      name: `USER_SETTING_${count}`,
      value: `a value of ordinary length, number ${count}`,
    })),
    resources: { limits: { cpu: "100m", memory: "500Mi" }, requests: { cpu: "100m", memory: "500Mi" } },
    volumeMounts: [
      { name: "kube-api-access-x7k2p", readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" },
    ],
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "FallbackToLogsOnError",
    imagePullPolicy: "IfNotPresent",
  };
}

function requests(count: number, mountRequirement: "ENV_VAR" | "FILE"): readonly SecretRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    source: "",
    // Several keys of a group, as people write them.
    group: `team-${Math.floor(index / 5)}`,
    groupVersion: "",
    key: `password_${index}`,
    mountRequirement,
    envVar: "",
  }));
}
