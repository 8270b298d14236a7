/** The network between the program and the store. */
import { createServer } from "node:net";
import { onTestFinished } from "vitest";

import type { Fault } from "../rig/faulty-server.ts";
import { listen } from "../rig/loopback-server.ts";
import { VALUE, always, answer, type Row, type Stage } from "./stage.ts";

const expiredCall =
  (fault: Fault): Row["arrange"] =>
  (stage) =>
    always((response) => {
      fault(response);
      stage.expire();
    })(stage);

export const NETWORK: readonly Row[] = [
  {
    when: "nobody listens",
    arrange: (stage) => stage.replaceStore("http://127.0.0.1:1"),
    kind: "unavailable",
    message: /connection to "127\.0\.0\.1:1" cannot be made or broke \(ECONNREFUSED\)/,
  },
  {
    // Longer than a label of DNS can be: the resolver refuses it without asking anybody.
    when: "the name cannot be resolved",
    arrange: (stage) => stage.replaceStore(`https://${"x".repeat(64)}.example.com`),
    kind: "unavailable",
    message: /the name of "x+\.example\.com" cannot be resolved \((ENOTFOUND|EAI_\w+)\)/,
  },
  {
    when: "the connection is closed at once",
    arrange: (stage) => replaceByTcp(stage, ""),
    kind: "unavailable",
    message: /cannot be made or broke \(ECONNRESET\)/,
  },
  {
    when: "the connection breaks before the answer",
    arrange: always((response) => response.destroy()),
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  {
    when: "the answer is cut off",
    arrange: always((response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write(`{"value":"${VALUE}"`, () => response.destroy());
    }),
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  {
    when: "an answer of unknown length is cut off",
    arrange: always((response) => {
      response.writeHead(200);
      response.write(`{"value":"${VALUE}"}`, () => response.destroy());
    }),
    kind: "unavailable",
    message: /broke \(ECONNRESET\)/,
  },
  { when: "it never answers", arrange: expiredCall(() => {}), kind: "timeout", message: /in time/ },
  {
    when: "it stops in the middle of an answer",
    arrange: expiredCall((response) => void response.writeHead(200, { "content-length": "1000" }).write("{")),
    kind: "timeout",
    message: /in time/,
  },
  {
    when: "the answer has no end",
    arrange: answer(200, "x".repeat(4_200_000)),
    kind: "invalid-answer",
    message: /has more than (1048576|4194304) bytes/,
  },
  {
    when: "something else than HTTP answers",
    arrange: (stage) => replaceByTcp(stage, "SSH-2.0-OpenSSH_9.6\r\n"),
    kind: "invalid-answer",
    message: /speaks no HTTP \(HPE_\w+\)/,
  },
];

/** A server of plain TCP that says something to whoever comes, and closes. */
async function replaceByTcp(stage: Stage, hello: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (hello === "") socket.destroy();
    else socket.end(hello);
  });
  const port = await listen(server);
  onTestFinished(() => void server.close());
  stage.replaceStore(`http://127.0.0.1:${port}`);
}
