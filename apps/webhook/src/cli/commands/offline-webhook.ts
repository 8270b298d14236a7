/** The webhook without a server: the same configuration, the same code, one pod at a time. */
import {
  answerReview,
  mutatePod,
  type AdmissionAnswer,
  type AdmissionReview,
  type Logger,
  type Mutation,
  type MutationSettings,
  type Naming,
  type ProfileName,
  type StepObserver,
} from "@pod-secrets/core";

import { composeFile } from "../../compose/from-file.ts";
import { formatProblem } from "../../config/problems.ts";
import type { Invocation } from "../command.ts";
import { namespaceOf, type InputObject } from "../input/pods-in.ts";
import { say, type Streams } from "../streams.ts";
import { namespaceFlag } from "./namespace-flag.ts";

export interface OfflineWebhook {
  /** Names under which the task looks. */
  readonly naming: Naming;
  /** Answers a review as it came. */
  answer(review: AdmissionReview): Promise<AdmissionAnswer>;
  /** Admits a pod. One without the shape of a pod is refused when it asks for secrets, and passes when it asks for none. */
  admit(object: InputObject, observe?: StepObserver): Promise<Mutation>;
  /** The namespace in which a pod would be created. */
  namespace(object: InputObject): string;
  close(): Promise<void>;
}

/** Milliseconds that an admission may take: what the API server gives when a registration does not say. */
const TIMEOUT = 10_000;

/**
 * Opens it by the flags `--config`, `--profile` and `--namespace`. What is wrong with the configuration goes to
 * standard error, one line per problem.
 * @returns undefined when the configuration is wrong
 * @throws AppError `E_USAGE` for a namespace that cannot be one
 */
export async function openOfflineWebhook(
  invocation: Invocation,
  streams: Streams,
): Promise<OfflineWebhook | undefined> {
  const named = namespaceFlag(invocation);
  const profile = invocation.value("profile");
  const overrides = profile === undefined ? {} : { profile: profile as ProfileName };
  const composed = await composeFile(invocation.value("config"), logOn(streams), overrides, { offline: true });
  for (const warning of composed.warnings) say(streams, formatProblem(warning));
  if (!composed.ok) {
    for (const problem of composed.problems) say(streams, formatProblem(problem));
    return undefined;
  }
  const { composition } = composed;
  // Here it is worth more to see a fault of an injector than to be fast.
  const settings: MutationSettings = { ...composition.settings, isolation: "freeze" };
  const namespace = ({ value }: InputObject): string => namespaceOf(value) || (named ?? "default");
  return {
    naming: settings.naming,
    answer: (review) => answerReview(review, settings, Date.now() + TIMEOUT),
    namespace,
    close: () => composition.dispose(),
    admit: (object, observe) => {
      // No pod comes of it, so nothing may be done beside it.
      const facts = { namespace: namespace(object), dryRun: true, deadline: Date.now() + TIMEOUT };
      return mutatePod(object.value, facts, settings, observe);
    },
  };
}

/** Injectors have their say on standard error, but for what is of no concern. */
function logOn(streams: Streams): Logger {
  const log = (message: string): void => say(streams, `warning: ${message}`);
  const ignore = (): void => {};
  return { debug: ignore, info: ignore, warn: log, error: log };
}
