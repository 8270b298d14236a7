import { describe } from "vitest";

import { ANSWERS } from "./aws/answers.ts";
import { IDENTITY } from "./aws/identity.ts";
import { REQUESTS } from "./aws/request.ts";
import { AWS } from "./aws/scene.ts";
import { STORE } from "./aws/store.ts";
import { httpAnswers } from "./http.ts";
import { NETWORK } from "./network.ts";
import { playFaults } from "./play.ts";
import { JSON_KEYS, PROGRAM } from "./program.ts";
import { TLS } from "./tls.ts";

describe("AWS Secrets Manager", () => {
  const http = httpAnswers("AWS", /no JSON object \(HTTP 200\)/);
  playFaults(AWS, [
    ...NETWORK,
    ...TLS,
    ...http,
    ...ANSWERS,
    ...STORE,
    ...IDENTITY,
    ...REQUESTS,
    ...JSON_KEYS,
    ...PROGRAM,
  ]);
});
