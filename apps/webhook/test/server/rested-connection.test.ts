/** From when on the time of a request counts: its client may have waited since it connected, or have connected ahead. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { A_SECRET, podWith, reviewOf } from "./reviews.ts";
import { REVIEW_PATH, startWebhook } from "./started-webhook.ts";
import { connectTls, countAnswers, httpRequest, receive } from "./tls-client.ts";

test("a request on a connection that has rested since its handshake has all of its time", async () => {
  await using webhook = await startWebhook();
  const socket = await connectTls(webhook.port, webhook.ca);
  await sleep(5000);
  // Of 5 s, 3.8 s are for the answer.
  socket.write(httpRequest(reviewOf(podWith(A_SECRET))).replace(REVIEW_PATH, `${REVIEW_PATH}?timeout=5s`));
  expect((await receive(socket, (text) => countAnswers(text) > 0)).text).toMatch(/^HTTP\/1\.1 200 /);
});
