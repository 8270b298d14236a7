import { describe } from "vitest";

import { IDENTITY } from "./azure/identity.ts";
import { NODE } from "./azure/node.ts";
import { AZURE } from "./azure/scene.ts";
import { ANSWERS, REQUESTS, STORE } from "./azure/store.ts";
import { httpAnswers } from "./http.ts";
import { NETWORK } from "./network.ts";
import { playFaults } from "./play.ts";
import { JSON_KEYS, PROGRAM } from "./program.ts";
import { TLS } from "./tls.ts";

describe("Azure Key Vault", () => {
  const http = httpAnswers("Azure", /the answer (is no JSON object|holds no value)/);
  const own = [...ANSWERS, ...STORE, ...IDENTITY, ...NODE, ...REQUESTS];
  playFaults(AZURE, [...NETWORK, ...TLS, ...http, ...own, ...JSON_KEYS, ...PROGRAM]);
});
