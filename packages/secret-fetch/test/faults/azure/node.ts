/** Where the node's identity may be taken, and the node gives none. */
import { sendJson, serveFaulty, type Fault } from "../../rig/faulty-server.ts";
import type { Row } from "../stage.ts";

const node =
  (fault: Fault): Row["arrange"] =>
  async (stage) => {
    const { url } = await serveFaulty((_request, response) => fault(response));
    stage.node = url;
    stage.env = {};
    stage.settings = { ...stage.settings, managedIdentity: true };
  };
const status = (code: number): Row["arrange"] =>
  node((response) => sendJson(response, code, { error: "never_shown", error_description: "never shown" }));

export const NODE: readonly Row[] = [
  {
    when: "the node has no managed identity",
    arrange: status(400),
    kind: "unauthenticated",
    message: /the instance metadata service gives no token \(HTTP 400\)\. Fix: Assign the managed identity/,
  },
  {
    when: "the node's service is being updated",
    arrange: status(410),
    kind: "unavailable",
    message: /no token \(HTTP 410\)/,
  },
  {
    when: "the node's service has a fault",
    arrange: status(500),
    kind: "unavailable",
    message: /no token \(HTTP 500\)/,
  },
  {
    when: "the node's service is throttled",
    arrange: status(429),
    kind: "throttled",
    message: /no token \(HTTP 429\)/,
  },
  {
    when: "the node answers nonsense",
    arrange: node((response) => response.end("{}")),
    kind: "invalid-answer",
    message: /the instance metadata service: the answer holds no access token/,
  },
];
