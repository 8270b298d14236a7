/** Who the pod is by the metadata server. */
import { sendJson, type Fault } from "../../rig/faulty-server.ts";
import { answer, type Row, type Stage } from "../stage.ts";
import type { GcpStage } from "./scene.ts";

const FLAVOR = { "metadata-flavor": "Google" };

/** The metadata server answers everything so. */
const metadata =
  (fault: Fault): Row<GcpStage>["arrange"] =>
  (stage) => {
    stage.metadata.faults.push(...Array.from({ length: 100 }, () => fault));
  };
const status = (code: number): Row<GcpStage>["arrange"] =>
  metadata((response) => response.writeHead(code, FLAVOR).end());

function metadataAt(stage: Stage, metadataUrl: string): void {
  stage.settings = { ...stage.settings, metadataUrl };
}

export const METADATA: readonly Row<GcpStage>[] = [
  {
    when: "there is no metadata server",
    arrange: (stage) => metadataAt(stage, "http://127.0.0.1:1"),
    kind: "unavailable",
    message: /no Google identity: the metadata server is not there: .*ECONNREFUSED/,
  },
  {
    when: "the name of the metadata server cannot be resolved",
    arrange: (stage) => metadataAt(stage, `https://${"x".repeat(64)}.example.com`),
    kind: "unavailable",
    message: /no Google identity: the metadata server is not there: the name of "x+\.example\.com" cannot be resolved/,
  },
  {
    when: "the metadata server never answers",
    arrange: (stage) => metadata(() => stage.expire())(stage),
    kind: "timeout",
    message: /in time/,
  },
  {
    when: "something else answers in the place of the metadata server",
    arrange: metadata((response) => sendJson(response, 200, { access_token: "of somebody" })),
    kind: "invalid-answer",
    message: /what answers is not the metadata server of Google \(HTTP 200, without Metadata-Flavor\)/,
  },
  {
    when: "the metadata server knows no account of the pod",
    arrange: status(404),
    kind: "unauthenticated",
    message: /the metadata server gives no token \(HTTP 404\)/,
  },
  {
    when: "the pod's account may not act as Google's",
    arrange: status(403),
    kind: "denied",
    message: /gives no token \(HTTP 403\)\. Fix: .*roles\/iam\.workloadIdentityUser/,
  },
  {
    when: "the metadata server has a fault",
    arrange: status(500),
    kind: "unavailable",
    message: /no token \(HTTP 500\)/,
  },
  {
    when: "the metadata server is throttled",
    arrange: status(429),
    kind: "throttled",
    message: /no token \(HTTP 429\)/,
  },
  {
    when: "something on the way to the metadata server has a fault",
    arrange: metadata((response) => response.writeHead(503).end("upstream connect error")),
    kind: "unavailable",
    message: /the metadata server gives no token \(HTTP 503\)/,
  },
  {
    when: "something else answers as the metadata server does for an unknown account",
    arrange: metadata((response) => response.writeHead(404).end()),
    kind: "invalid-answer",
    message: /what answers is not the metadata server of Google \(HTTP 404, without Metadata-Flavor\)/,
  },
  {
    when: "the metadata server answers nonsense",
    arrange: metadata((response) => sendJson(response, 200, { access_token: 5 }, FLAVOR)),
    kind: "invalid-answer",
    message: /the metadata server: the answer holds no access token/,
  },
  {
    when: "the token has a line end",
    arrange: metadata((response) => sendJson(response, 200, { access_token: "a\r\nb" }, FLAVOR)),
    kind: "invalid-answer",
    message: /the answer holds no access token/,
  },
  {
    when: "the metadata server's name in the container is none",
    arrange: (stage) => {
      stage.settings = { ...stage.settings, metadataUrl: undefined };
      stage.env = { GCE_METADATA_HOST: "a b" };
    },
    kind: "wrong-request",
    message: /GCE_METADATA_HOST of the container is no host/,
  },
  {
    when: "the metadata server is another machine",
    arrange: (stage) => {
      stage.settings = { ...stage.settings, metadataUrl: undefined };
      stage.env = { GCE_METADATA_HOST: "metadata.example.com" };
    },
    kind: "wrong-request",
    message: /GCE_METADATA_HOST is not encrypted/,
  },
  {
    when: "the token is not taken",
    arrange: ({ store }) => store.tokens.clear(),
    kind: "unauthenticated",
    message: /Google does not take the container's access token \(UNAUTHENTICATED\)/,
  },
  {
    when: "the token is not taken, and the clocks differ",
    arrange: (stage) => {
      stage.now = () => Date.now() + 7_200_000;
      stage.store.tokens.clear();
    },
    kind: "unauthenticated",
    message: /its clock is 120 minutes from the node's/,
  },
  {
    when: "a web page wants a password",
    arrange: answer(401, "<html>401</html>"),
    kind: "invalid-answer",
    message: /what answers is not Google \(HTTP 401\)/,
  },
];
