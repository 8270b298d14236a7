/**
 * Why a secret cannot be had: a closed set of failures. What the program does about one, and how it ends, depends on
 * the kind alone; the texts are for people, and hold no value.
 */

/** What a kind of failure means for the run, and to whom it is told. */
export interface FailureEntry {
  /** What went wrong, as a short heading. */
  readonly summary: string;
  /** Why the program does not go on without. */
  readonly why: string;
  /** Exit code of the program when this is why it failed. */
  readonly exit: number;
  /** Whether asking again may help. Only these are tried again. */
  readonly retried: boolean;
}

export const FAILURES = {
  "wrong-request": {
    summary: "The request cannot be read",
    why: "Whoever wrote the pod asked for something that cannot be: the grammar, a provider or an option is wrong.",
    exit: 10,
    retried: false,
  },
  unauthenticated: {
    summary: "The pod has no identity that the store knows",
    why: "There are no credentials in the container, or they have expired, or the store takes them for wrong.",
    exit: 11,
    retried: false,
  },
  denied: {
    summary: "The store refuses the secret to this identity",
    why: "It knows who asks, and its policy says no.",
    exit: 12,
    retried: false,
  },
  "not-found": {
    summary: "There is no such secret",
    why: "The store has no secret, version or key of that name. An item that is not required is left out then.",
    exit: 13,
    retried: false,
  },
  disabled: {
    summary: "The secret is switched off",
    why: "It is disabled, deleted or not in force in the store, even where the store would hand it out.",
    exit: 14,
    retried: false,
  },
  "wrong-version": {
    summary: "The store has another version",
    why: "The request names a version that the store does not serve now.",
    exit: 15,
    retried: false,
  },
  "unusable-value": {
    summary: "The value cannot be written as asked",
    why: "It is too large, of a type that is no text, or holds what an env file cannot express.",
    exit: 16,
    retried: false,
  },
  throttled: {
    summary: "The store asks for fewer calls",
    why: "It answered so until the deadline.",
    exit: 17,
    retried: true,
  },
  unavailable: {
    summary: "The store cannot be reached or does not work",
    why: "No connection, a connection that broke, or a fault of the server, until the deadline.",
    exit: 18,
    retried: true,
  },
  timeout: {
    summary: "The store did not answer in time",
    why: "A call has a time limit, and all of them together a deadline.",
    exit: 19,
    retried: true,
  },
  untrusted: {
    summary: "The server is not who it should be",
    why: "Its certificate does not fit its name, has expired, or is signed by an authority that is not trusted here.",
    exit: 20,
    retried: false,
  },
  "invalid-answer": {
    summary: "The answer of the store makes no sense",
    why: "It is no JSON, lacks what it must hold, is of another secret, or is too long: most likely something else answers at that address.",
    exit: 21,
    retried: false,
  },
  "not-written": {
    summary: "The file cannot be written",
    why: "The volume is full, read-only or not there, or something else has the path.",
    exit: 22,
    retried: false,
  },
  interrupted: {
    summary: "The program was told to stop",
    why: "It got SIGTERM or SIGINT before it was done.",
    exit: 23,
    retried: false,
  },
  internal: {
    summary: "A fault of the program itself",
    why: "A provider threw what is no failure of this table. Its text is not shown, since it may hold a value.",
    exit: 70,
    retried: false,
  },
} as const satisfies Readonly<Record<string, FailureEntry>>;

export type FailureKind = keyof typeof FAILURES;

/** What is known about a failure beyond its kind. */
export interface FailureDetails {
  /** From the store's answer: milliseconds to wait before the next call (`Retry-After`, RFC 9110 10.2.3). */
  readonly retryAfter?: number | undefined;
}

const BRAND: unique symbol = Symbol.for("@pod-secrets/fetch-failure");

/** The one error that a provider throws on purpose. Any other becomes `internal`, without its text. */
export class FetchFailure extends Error {
  override readonly name = "FetchFailure";
  readonly kind: FailureKind;
  /** What to do, as a sentence. */
  readonly fix: string;
  /** Milliseconds that the store wants to be left alone. */
  readonly retryAfter: number | undefined;

  /**
   * @param kind what the program does about it
   * @param cause what happened and where, without a full stop: part of a line. Never a value of a secret, nor text
   * of an answer that was not checked by a grammar
   * @param fix what to do, as a sentence
   */
  constructor(kind: FailureKind, cause: string, fix: string, { retryAfter }: FailureDetails = {}) {
    super(cause);
    this.kind = kind;
    this.fix = fix;
    this.retryAfter = retryAfter;
    // A bundled program and a provider each hold their own copy of this class, so `instanceof` would not do.
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether a caught value is a {@link FetchFailure}, of this copy of the package or of another. */
export function isFetchFailure(error: unknown): error is FetchFailure {
  return typeof error === "object" && error !== null && Object.hasOwn(error, BRAND);
}
