import { describe } from "vitest";

import { FILES } from "./gcp/credential-files.ts";
import { LOGINS } from "./gcp/logins.ts";
import { METADATA } from "./gcp/metadata.ts";
import { GCP } from "./gcp/scene.ts";
import { ANSWERS, REQUESTS, STORE } from "./gcp/store.ts";
import { httpAnswers } from "./http.ts";
import { NETWORK } from "./network.ts";
import { playFaults } from "./play.ts";
import { JSON_KEYS, PROGRAM } from "./program.ts";
import { TLS } from "./tls.ts";

describe("Google Cloud Secret Manager", () => {
  const http = httpAnswers("Google", /the answer (is no JSON object|holds no value)/);
  const identity = [...METADATA, ...FILES, ...LOGINS];
  playFaults(GCP, [
    ...NETWORK,
    ...TLS,
    ...http,
    ...ANSWERS,
    ...STORE,
    ...identity,
    ...REQUESTS,
    ...JSON_KEYS,
    ...PROGRAM,
  ]);
});
