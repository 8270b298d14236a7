/**
 * Flyte's webhook as the chart flyte-core 1.16.8 leaves it in a cluster: its objects, the certificate that it made for
 * 99 years, the registration that it wrote. In its place answers a program that admits every pod as it is.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { IMAGES } from "../../cluster/src/index.ts";

const NAME = "flyte-pod-webhook";
const NAMESPACE = "flyte";

/** A Secret as `flytepropeller webhook init-certs` makes it. */
export interface FlyteCertificate {
  readonly ca: string;
  readonly certificate: string;
  /** PKCS #1. */
  readonly key: string;
}

/** All objects, in the order in which they are made. */
export function flyteObjects(): readonly object[] {
  const certificate = makeFlyteCertificate();
  const metadata = { name: NAME, namespace: NAMESPACE };
  const account = { kind: "ServiceAccount", name: NAME, namespace: NAMESPACE };
  const role = `${NAMESPACE}-${NAME}`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: role },
      rules: [
        {
          apiGroups: ["*"],
          resources: ["mutatingwebhookconfigurations", "secrets", "pods", "replicasets/finalizers"],
          verbs: ["get", "create", "update", "patch"],
        },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: role },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [account],
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "flyte-propeller-config", namespace: NAMESPACE },
      data: {
        "core.yaml": `propeller:\n  rawoutput-prefix: s3://my-bucket/\nwebhook:\n  certDir: /etc/webhook/certs\n  serviceName: ${NAME}\n`,
        "logger.yaml": "logger:\n  level: 4\n",
      },
    },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      type: "Opaque",
      immutable: true,
      stringData: { "ca.crt": certificate.ca, "tls.crt": certificate.certificate, "tls.key": certificate.key },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        selector: { app: NAME },
        ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: 9443 }],
      },
    },
    deployment(),
    registration(certificate.ca),
  ];
}

/** Waits until {@link flyteObjects} answer. */
export const FLYTE_ROLLOUT = ["rollout", "status", `deployment/${NAME}`, "--namespace", NAMESPACE, "--timeout=120s"];

function deployment(): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: NAMESPACE, labels: { app: NAME } },
    spec: {
      selector: { matchLabels: { app: NAME } },
      template: {
        metadata: { labels: { app: NAME, "app.kubernetes.io/name": NAME, "app.kubernetes.io/version": "v1.16.8" } },
        spec: {
          serviceAccountName: NAME,
          securityContext: { fsGroup: 65534, runAsNonRoot: true, runAsUser: 1001 },
          containers: [
            {
              name: "webhook",
              image: IMAGES.node,
              imagePullPolicy: "IfNotPresent",
              command: ["/usr/local/bin/node", "-e", ADMIT_ALL],
              ports: [{ containerPort: 9443 }],
              readinessProbe: { tcpSocket: { port: 9443 }, periodSeconds: 1 },
              volumeMounts: [{ name: "webhook-certs", mountPath: "/etc/webhook/certs", readOnly: true }],
            },
          ],
          volumes: [{ name: "webhook-certs", secret: { secretName: NAME } }],
        },
      },
    },
  };
}

/**
 * Unlike Flyte's, which drops what it is answering when it is told to end, it lets go of its connections one by one: a
 * test is to see what the change does, and not that.
 */
const ADMIT_ALL = `
const { readFileSync } = require("node:fs");
const read = (name) => readFileSync("/etc/webhook/certs/" + name);
let isEnding = false;
const server = require("node:https").createServer({ cert: read("tls.crt"), key: read("tls.key") }, (request, response) => {
  let text = "";
  request.on("data", (chunk) => (text += chunk));
  request.on("end", () => {
    const { request: { uid } } = JSON.parse(text);
    const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, allowed: true } };
    if (isEnding) response.setHeader("Connection", "close");
    response.setHeader("Content-Type", "application/json").end(JSON.stringify(review));
  });
}).listen(9443);
server.keepAliveTimeout = 120_000;
process.on("SIGTERM", () => {
  isEnding = true;
  setTimeout(() => server.close(() => process.exit(0)), 15_000);
});
`;

function registration(ca: string): object {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: {
      name: NAME,
      // Of its ReplicaSet, which no object outside of a namespace can have as owner: nobody collects it.
      ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: `${NAME}-5d8f`, uid: crypto.randomUUID() }],
    },
    webhooks: [
      {
        name: "flyte-pod-webhook.flyte.org",
        clientConfig: {
          caBundle: Buffer.from(ca).toString("base64"),
          service: { name: NAME, namespace: NAMESPACE, path: "/mutate--v1-pod", port: 443 },
        },
        rules: [{ operations: ["CREATE"], apiGroups: ["*"], apiVersions: ["v1"], resources: ["pods"] }],
        failurePolicy: "Fail",
        sideEffects: "NoneOnDryRun",
        admissionReviewVersions: ["v1", "v1beta1"],
        objectSelector: { matchLabels: { "inject-flyte-secrets": "true" } },
      },
    ],
  };
}

/**
 * As Flyte's: RSA, of a CA whose key is thrown away, for 99 years, with serials of its own.
 * @param addresses for which Flyte's would not be valid
 */
export function makeFlyteCertificate(addresses: readonly string[] = []): FlyteCertificate {
  const folder = mkdtempSync(join(tmpdir(), "flyte-certificate-"));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => void execFileSync("openssl", args, { stdio: "ignore" });
  const days = String(99 * 365);
  try {
    const dns = [NAME, `${NAME}.${NAMESPACE}`, `${NAME}.${NAMESPACE}.svc`].map((name) => `DNS:${name}`);
    const names = [...dns, ...addresses.map((address) => `IP:${address}`)].join(",");
    writeFileSync(at("server.ext"), `subjectAltName=${names}\nextendedKeyUsage=clientAuth,serverAuth\n`);
    const own = [
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-set_serial",
      "2021",
      "-days",
      days,
      "-subj",
      "/O=flyte.org",
    ];
    openssl("req", ...own, "-keyout", at("ca.key"), "-out", at("ca.crt"));
    const subject = `/O=flyte.org/CN=${NAME}.${NAMESPACE}.svc`;
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", at("tls.key"), "-out", at("tls.csr"));
    const signed = ["-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-set_serial", "1658", "-days", days];
    openssl("x509", "-req", "-in", at("tls.csr"), ...signed, "-extfile", at("server.ext"), "-out", at("tls.crt"));
    openssl("rsa", "-traditional", "-in", at("tls.key"), "-out", at("pkcs1.key"));
    const [ca, certificate, key] = ["ca.crt", "tls.crt", "pkcs1.key"].map((name) => readFileSync(at(name), "utf8"));
    return { ca: ca ?? "", certificate: certificate ?? "", key: key ?? "" };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
