/** What the provider makes of a Confidant that `fill` has filled, case by case. */
import type { FailureKind } from "../../../src/failure.ts";
import type { ConfidantSource, KmsAuth } from "../../../src/providers/confidant/settings.ts";
import { TEXT } from "./confidant-rig.ts";

const HOUR = 3_600_000;

/** Who asks, if not `orders` by a token of version 2, now. */
export interface Asker {
  readonly service?: string | undefined;
  readonly auth?: Partial<KmsAuth>;
  /** Milliseconds that the clock of the node is off. */
  readonly clock?: number;
}

/** A value, or the failure and its words. */
export type Expected = string | readonly [FailureKind, RegExp];

export interface Case {
  readonly title: string;
  readonly asker?: Asker;
  readonly source: ConfidantSource;
  readonly expected: Expected;
}

export const PASSWORD: ConfidantSource = { credential: "db creds/eu", key: "password" };
const REFUSED = [
  "unauthenticated",
  /^service "orders" of "127\.0\.0\.1:\d+": Confidant refuses the login \(HTTP 403\)$/,
] as const;

export const CASES: readonly Case[] = [
  { title: "a text, to the byte", source: PASSWORD, expected: TEXT },
  { title: "a text, by a token of version 1", asker: { auth: { version: 1 } }, source: PASSWORD, expected: TEXT },
  { title: "the service of the pod's own name", asker: { service: undefined }, source: PASSWORD, expected: TEXT },
  { title: "a key in any case", source: { ...PASSWORD, key: "PassWord" }, expected: TEXT },
  { title: "an empty text", source: { ...PASSWORD, key: "empty" }, expected: "" },
  { title: "a number", source: { ...PASSWORD, key: "port" }, expected: "5432" },
  { title: "a truth value", source: { ...PASSWORD, key: "tls" }, expected: "true" },
  {
    title: "the revision that is there",
    source: { credential: "revised", key: "token", revision: 2 },
    expected: "two",
  },
  {
    title: "no revision of the past",
    source: { credential: "revised", key: "token", revision: 1 },
    expected: ["wrong-version", /"revised" of the service "orders" has revision "2", not 1$/],
  },
  {
    title: "no null",
    source: { ...PASSWORD, key: "nothing" },
    expected: ["unusable-value", /key "nothing" .* is no text, number, true or false$/],
  },
  {
    title: "no key that is not there",
    source: { ...PASSWORD, key: "passwort" },
    expected: ["not-found", /"db creds\/eu" of the service "orders" has no key "passwort"$/],
  },
  {
    title: "no key of every object",
    source: { ...PASSWORD, key: "constructor" },
    expected: ["not-found", /has no key "constructor"$/],
  },
  {
    title: "no credential in another case",
    source: { credential: "DB creds/eu", key: "password" },
    expected: ["not-found", /the service "orders" has no credential "DB creds\/eu"$/],
  },
  {
    title: "no credential of another service",
    source: { credential: "of billing", key: "invoice" },
    expected: ["not-found", /has no credential "of billing"$/],
  },
  {
    title: "no credential that is blind",
    source: { credential: "sealed", key: "bk" },
    expected: ["unusable-value", /credential "sealed" of the service "orders" is a blind one/],
  },
  {
    title: "no credential that is switched off",
    source: { credential: "switched off", key: "old" },
    expected: ["disabled", /credential "switched off" of the service "orders" is disabled in Confidant$/],
  },
  {
    title: "nothing of a service that is switched off",
    asker: { service: "closed" },
    source: PASSWORD,
    expected: ["disabled", /the service "closed" is disabled in Confidant$/],
  },
  {
    title: "nothing of a service that is not there",
    asker: { service: "unknown" },
    source: PASSWORD,
    expected: ["not-found", /^service "unknown" of "127\.0\.0\.1:\d+": there is no such service$/],
  },
  {
    title: "nothing for a token that has expired",
    asker: { clock: -HOUR },
    source: PASSWORD,
    expected: ["unauthenticated", /refuses the login \(HTTP 403\), and its clock is 60 minutes from the node's$/],
  },
  {
    title: "nothing for a token that does not hold yet",
    asker: { clock: HOUR },
    source: PASSWORD,
    expected: ["unauthenticated", /refuses the login \(HTTP 403\), and its clock is 60 minutes from the node's$/],
  },
  {
    title: "nothing for a token for somebody else",
    asker: { auth: { to: "confidant-production" } },
    source: PASSWORD,
    expected: REFUSED,
  },
  {
    title: "nothing for a token by another key",
    asker: { auth: { key: "alias/other" } },
    source: PASSWORD,
    expected: REFUSED,
  },
  {
    title: "nothing without the key of tokens",
    asker: { auth: { key: "alias/not-there" } },
    source: PASSWORD,
    expected: ["unauthenticated", /^Encrypt with the KMS key "alias\/not-there": AWS KMS has no such key/],
  },
];

/** A login as it comes out of a file. */
export interface LoginCase {
  readonly title: string;
  readonly userName: string;
  /** By default one of version 2 that `orders` has made. */
  readonly token?: string;
  /** By default `orders`. */
  readonly service?: string;
  readonly expected: Expected;
}

export const LOGINS: readonly LoginCase[] = [
  { title: "takes a token that was made elsewhere", userName: "2/service/orders", expected: TEXT },
  { title: "refuses a token in the name of another", userName: "2/service/billing", expected: REFUSED },
  { title: "refuses a token of version 2 as one of version 1", userName: "orders", expected: REFUSED },
  {
    title: "refuses what is no token",
    userName: "2/service/orders",
    token: "bm8gdG9rZW4=",
    expected: REFUSED,
  },
  {
    title: "refuses a service that is not the caller's",
    userName: "2/service/orders",
    service: "billing",
    expected: ["denied", /^service "billing" of .*: Confidant refuses it to this identity \(HTTP 403\)$/],
  },
  {
    title: "fails over a user name that is none",
    userName: "service/orders",
    expected: ["unavailable", /: Confidant has a fault of its own \(HTTP 500\)$/],
  },
];
