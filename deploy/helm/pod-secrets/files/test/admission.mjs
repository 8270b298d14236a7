/**
 * The test of `helm test`: sends a pod that asks for a secret through the API server, as a dry run, and looks at
 * what comes back. Nothing is created. Settings come from env vars, access from the pod's service account.
 */
import { readFileSync } from "node:fs";
import { request } from "node:https";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const ALPHABET = "abcdefghijklmnopqrstuvwxyz123456";
/** A registration that was just made reaches every API server within seconds. */
const TRIES = 10;
const PAUSE_MS = 3000;

const { TEST_NAMESPACE: namespace, TEST_REQUEST: asked, WEBHOOK_ENTRY: entry } = process.env;

/** The annotation's encoding: base32 with Flyte's alphabet, of one line per field. */
function encode(text) {
  let bits = "";
  for (const byte of Buffer.from(text)) bits += byte.toString(2).padStart(8, "0");
  const units = bits.match(/.{1,5}/g) ?? [];
  return units.map((unit) => ALPHABET[Number.parseInt(unit.padEnd(5, "0"), 2)]).join("");
}

function annotation({ group, groupVersion, key, mountRequirement }) {
  const line = (name, value) => (value === undefined ? "" : `${name}: ${value}\n`);
  const text = (value) => (value === undefined ? undefined : JSON.stringify(value));
  return encode(
    line("group", text(group)) +
      line("group_version", text(groupVersion)) +
      line("key", text(key)) +
      line("mount_requirement", mountRequirement),
  );
}

/** A pod that every Pod Security Standard admits. */
function pod() {
  const securityContext = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "pod-secrets-test",
      labels: { "inject-flyte-secrets": "true" },
      annotations: { "flyte.secrets/s0": annotation(JSON.parse(asked)) },
    },
    spec: {
      restartPolicy: "Never",
      containers: [{ name: "main", image: "none", securityContext }],
    },
  };
}

function create() {
  const options = {
    method: "POST",
    host: process.env.KUBERNETES_SERVICE_HOST,
    port: process.env.KUBERNETES_SERVICE_PORT,
    path: `/api/v1/namespaces/${namespace}/pods?dryRun=All`,
    ca: readFileSync(`${ACCOUNT}/ca.crt`),
    headers: {
      Authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, "utf8")}`,
      "Content-Type": "application/json",
    },
    timeout: 20_000,
  };
  return new Promise((done, failed) => {
    const call = request(options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => done(JSON.parse(body)));
    });
    call.on("timeout", () => call.destroy(new Error("the API server did not answer within 20 s")));
    call.on("error", failed);
    call.end(JSON.stringify(pod()));
  });
}

/** Names alone, never a value. */
function changes({ metadata, spec }) {
  const sent = pod().metadata.annotations;
  return [
    ...Object.keys(metadata.annotations ?? {})
      .filter((name) => !(name in sent))
      .map((name) => `annotation ${name}`),
    // The API server itself adds one, with the token of the service account.
    ...(spec.volumes ?? [])
      .filter(({ name }) => !name.startsWith("kube-api-access-"))
      .map(({ name }) => `volume ${name}`),
    ...(spec.initContainers ?? []).map(({ name }) => `init container ${name}`),
    ...(spec.containers[0].env ?? []).map(({ name }) => `env var ${name}`),
  ];
}

/** What is wrong, or `undefined`; says what it saw. */
function judge(answer) {
  if (answer.kind === "Pod") {
    const changed = changes(answer);
    if (changed.length === 0) return "the pod came back as it was sent: the webhook was not asked, or admits without";
    console.log(`The pod got: ${changed.join(", ")}`);
    return undefined;
  }
  if (!answer.message?.includes(`admission webhook "${entry}" denied the request`)) return answer.message;
  console.log(`The webhook answered, and refused the pod: ${answer.message}`);
  return undefined;
}

let problem;
for (let tried = 0; tried < TRIES; tried++) {
  problem = await create().then(judge, (error) => error.message);
  if (problem === undefined) break;
  await new Promise((done) => setTimeout(done, PAUSE_MS));
}
if (problem !== undefined) {
  console.error(`E_TEST: ${problem}. Fix: look at the registration, and at the log of the webhook.`);
  process.exitCode = 1;
}
