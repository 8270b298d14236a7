import { describe } from "vitest";

import { DOCUMENTS } from "./confidant/document.ts";
import { IDENTITY } from "./confidant/identity.ts";
import { CONFIDANT } from "./confidant/scene.ts";
import { httpAnswers } from "./http.ts";
import { NETWORK } from "./network.ts";
import { playFaults } from "./play.ts";
import { PROGRAM } from "./program.ts";
import { TLS } from "./tls.ts";

describe("Confidant", () => {
  const http = httpAnswers("Confidant", /the answer is no document of that service/);
  playFaults(CONFIDANT, [...NETWORK, ...TLS, ...http, ...DOCUMENTS, ...IDENTITY, ...PROGRAM]);
});
