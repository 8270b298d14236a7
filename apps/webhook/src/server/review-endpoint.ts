/**
 * The HTTP side of an admission: from a request to a review, and from its answer to a response.
 * What is no review gets a Kubernetes `Status` with an HTTP error; a review always gets a review.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  answerReview,
  encodeReview,
  type AdmissionAnswer,
  type AdmissionReview,
  type MutationSettings,
} from "@pod-secrets/core";

import type { AdmissionRecord } from "../telemetry/admission-record.ts";
import { withTraceId, type JoinTrace } from "../telemetry/traces/admission-trace.ts";
import { admissionBudget, type Patience } from "./admission-deadline.ts";
import type { AdmissionQueue } from "./admission-queue.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { parseReview } from "./parse-review.ts";
import { readBody } from "./read-body.ts";
import { sendJson, sendStatus, type StatusReply } from "./reply.ts";
import { createHeadCheck, queryOf, tooLarge, type HeadRules } from "./request-head.ts";
import type { Visit, Visits } from "./visits.ts";

/** Lends the settings that hold now to one admission; a replaced composition is disposed of when nobody uses it any more. */
export type SettingsSource = <Result>(work: (settings: MutationSettings) => Promise<Result>) => Promise<Result>;

/** Why an admission was left to the API server to try again, or to give up. */
export type Overload = "memory" | "late" | "gone";

export interface ReviewEndpointOptions extends HeadRules {
  readonly budget: ByteBudget;
  readonly queue: AdmissionQueue;
  readonly patience: Patience;
  readonly visits: Visits;
  readonly settings: SettingsSource;
  readonly joinTrace: JoinTrace;
  readonly onAdmission: (record: AdmissionRecord) => void;
  /** A request that is no review was answered with this HTTP code. */
  readonly onRejection: (code: number) => void;
  readonly onOverload: (overload: Overload) => void;
  /** Something failed before a review was read, or after it was answered. */
  readonly onFault: (fault: unknown) => void;
}

/** Answers one HTTP request. Never throws, and never rejects. */
export type ReviewEndpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createReviewEndpoint(options: ReviewEndpointOptions): ReviewEndpoint {
  const checkHead = createHeadCheck(options);
  return async (request, response) => {
    const { visits } = options;
    const visit = visits.begin(request, response);
    let reply: StatusReply | Outcome;
    try {
      reply = checkHead(request) ?? (await answerBody(request, response, visit, options));
    } catch (error) {
      options.onFault(error);
      // Before a review was read there is no uid to answer, and the text of the fault may hold a value.
      reply = response.headersSent ? "sent" : UNREAD;
    }
    if (typeof reply !== "string") {
      options.onRejection(reply.code);
      visits.announceEnd(visit, response);
      sendStatus(request, response, reply);
    }
    visits.finish(visit, reply === "sent");
  };
}

type Outcome = "sent" | "gone";

const UNREAD: StatusReply = {
  code: 500,
  message: "pod-secrets failed to read the request",
  fix: "See its log, and report it to the authors of pod-secrets.",
};

/** The API server tries again after so many seconds, as long as the timeout allows, and only with this header. */
const TRY_AGAIN: StatusReply = {
  code: 429,
  message: "too many admissions at once",
  fix: "Try again; if it stays so, give the webhook more CPU or replicas.",
  headers: { "Retry-After": "1" },
};

async function answerBody(
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  options: ReviewEndpointOptions,
): Promise<StatusReply | Outcome> {
  // The API server's clock runs from the send: what reading takes, and having it sent, is gone.
  const deadline = visit.arrived + admissionBudget(queryOf(request));
  if (performance.now() > deadline) return overloaded("late", options);
  // Only now is the client asked for what it announced.
  if (request.headers.expect !== undefined) response.writeContinue();
  const body = await readBody(request, options.maxBodyBytes, options.budget);
  switch (body.outcome) {
    case "aborted":
      return "gone";
    case "too-large":
      return tooLarge(options);
    case "busy":
      return overloaded("memory", options);
    case "read": {
      options.visits.hold(visit, body.held);
      const entered = options.queue.enter(deadline, visit);
      const turn = typeof entered === "string" ? entered : await entered;
      return turn === "now" ? answerBytes(response, body.bytes, visit, deadline, options) : overloaded(turn, options);
    }
  }
}

function overloaded(overload: Overload, { onOverload }: ReviewEndpointOptions): StatusReply | Outcome {
  onOverload(overload);
  return overload === "gone" ? "gone" : TRY_AGAIN;
}

/** @param deadline of `performance` */
async function answerBytes(
  response: ServerResponse,
  bytes: Buffer,
  visit: Visit,
  deadline: number,
  options: ReviewEndpointOptions,
): Promise<StatusReply | Outcome> {
  const trace = options.joinTrace(response.req.headers["traceparent"], visit.began);
  const review = parseReview(bytes);
  if ("code" in review) return review;
  trace?.timer?.decoded();
  const until = Date.now() + deadline - performance.now();
  let answer: AdmissionAnswer;
  let fault: { readonly fault: unknown } | undefined;
  try {
    answer = await options.settings((settings) =>
      answerReview(review, trace?.timer?.timed(settings) ?? settings, until),
    );
  } catch (error) {
    answer = failed(review);
    fault = { fault: error };
  }
  trace?.timer?.answered();
  options.visits.announceEnd(visit, response);
  sendJson(response, 200, encodeReview(review.apiVersion, withTraceId(answer.response, trace)));
  options.patience.learn(deadline - visit.arrived);
  options.onAdmission({ review, answer, duration: performance.now() - visit.began, ...fault, ...(trace && { trace }) });
  return "sent";
}

/** A fault of ours refuses the pod, whatever `onFailure` says: nobody knows what the pod would have got. */
function failed({ request }: AdmissionReview): AdmissionAnswer {
  const message =
    "pod-secrets: E_INTERNAL: the webhook failed. Fix: See its log for this uid, and report it to the authors of pod-secrets.";
  return { response: { uid: request.uid, allowed: false, status: { metadata: {}, message, code: 500 } } };
}
