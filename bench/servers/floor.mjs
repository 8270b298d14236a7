/**
 * What Node needs at least: a bare HTTPS server that reads the body and sends an answer of the length that the
 * path names. With `parse` as argument it also reads the review and writes it again, as any webhook must.
 *
 * Plain JavaScript: what strips types from TypeScript would count as its memory.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";

const [directory = "", mode = "echo"] = process.argv.slice(2);
const answers = new Map();

function answerTo(path) {
  let answer = answers.get(path);
  if (answer === undefined) {
    answer = JSON.stringify({ filler: "x".repeat(Math.max(0, Number(path.slice(1)) - 13)) });
    answers.set(path, answer);
  }
  return answer;
}

/** What the result is for: work that nobody looks at might be left out. */
let written = 0;

const server = createServer(
  { cert: readFileSync(join(directory, "tls.crt")), key: readFileSync(join(directory, "tls.key")) },
  (request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      if (mode === "parse") written += JSON.stringify(JSON.parse(body.toString())).length;
      const answer = answerTo(request.url ?? "/0");
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": answer.length });
      response.end(answer);
    });
  },
);
server.keepAliveTimeout = 120_000;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ message: "serving", port: server.address().port })}\n`);
});
process.on("SIGINT", () => process.exit(written < 0 ? 1 : 0));
