/** Answers of AWS -> what they mean. Its texts are not shown as a whole: they quote what was sent. */
import { failureByMeaning, type Meaning } from "../answer-failure.ts";
import type { FetchFailure } from "../failure.ts";
import type { HttpResponse } from "../http.ts";
import { parseJsonObject, textField } from "../json-object.ts";

const NO_IDENTITY: Meaning = {
  kind: "unauthenticated",
  cause: "AWS does not know the container's credentials",
  fix: "Give the pod's service account a role (IRSA or EKS Pod Identity) that still exists.",
};
const EXPIRED: Meaning = {
  kind: "unauthenticated",
  cause: "the container's AWS credentials have expired",
  fix: "Check what renews them, and the clock of the node.",
};
const BAD_SIGNATURE: Meaning = {
  kind: "unauthenticated",
  cause: "AWS refuses the signature of the call",
  fix: "Check the secret access key and the clock of the node.",
};
const DENIED: Meaning = {
  kind: "denied",
  cause: "AWS refuses it",
  fix: "Allow the action on this resource in a policy of the pod's role, and of the resource where it has one.",
};
const THROTTLED: Meaning = {
  kind: "throttled",
  cause: "AWS has had too many calls",
  fix: "Start fewer pods at once, raise the quota of the account, or give the program a longer deadline.",
};
const AT_FAULT: Meaning = {
  kind: "unavailable",
  cause: "AWS has a fault of its own",
  fix: "Try again later; see the AWS Health Dashboard.",
};
const WRONG: Meaning = {
  kind: "wrong-request",
  cause: "AWS takes the call for wrong",
  fix: "Correct the name, version, stage or key that the request asks for.",
};

/** Common errors of all services, and those of Secrets Manager, STS and KMS that the program can meet (API references). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  AccessDenied: DENIED,
  AccessDeniedException: DENIED,
  NotAuthorized: DENIED,
  OptInRequired: DENIED,
  UnauthorizedOperation: DENIED,
  UnrecognizedClientException: NO_IDENTITY,
  InvalidClientTokenId: NO_IDENTITY,
  InvalidAccessKeyId: NO_IDENTITY,
  MissingAuthenticationToken: NO_IDENTITY,
  MissingAuthenticationTokenException: NO_IDENTITY,
  InvalidIdentityToken: NO_IDENTITY,
  IDPRejectedClaim: NO_IDENTITY,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  RequestExpired: BAD_SIGNATURE,
  RequestTimeTooSkewed: BAD_SIGNATURE,
  InvalidSignatureException: BAD_SIGNATURE,
  SignatureDoesNotMatch: BAD_SIGNATURE,
  IncompleteSignature: BAD_SIGNATURE,
  IncompleteSignatureException: BAD_SIGNATURE,
  Throttling: THROTTLED,
  ThrottlingException: THROTTLED,
  ThrottledException: THROTTLED,
  TooManyRequestsException: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  LimitExceededException: THROTTLED,
  SlowDown: THROTTLED,
  InternalFailure: AT_FAULT,
  InternalServiceError: AT_FAULT,
  InternalError: AT_FAULT,
  KMSInternalException: AT_FAULT,
  DependencyTimeoutException: AT_FAULT,
  KeyUnavailableException: AT_FAULT,
  IDPCommunicationError: AT_FAULT,
  ServiceUnavailable: AT_FAULT,
  ServiceUnavailableException: AT_FAULT,
  ValidationError: WRONG,
  ValidationException: WRONG,
  InvalidParameterException: WRONG,
  InvalidParameterValue: WRONG,
  InvalidKeyUsageException: WRONG,
  ResourceNotFoundException: {
    kind: "not-found",
    cause: "AWS has nothing of that name, version or stage in this region and account",
    fix: "Correct the name, or create it there; name it by its ARN when it belongs to another account.",
  },
  NotFoundException: {
    kind: "not-found",
    cause: "AWS KMS has no such key in this region and account",
    fix: "Correct the key, or name it by its ARN when it belongs to another account.",
  },
  InvalidRequestException: {
    kind: "disabled",
    cause: "AWS does not serve it in its present state",
    fix: "Restore the secret: it is marked for deletion, or has no value yet.",
  },
  DisabledException: { kind: "disabled", cause: "the KMS key is disabled", fix: "Enable the key." },
  KMSInvalidStateException: {
    kind: "disabled",
    cause: "the KMS key is in no state to be used",
    fix: "Restore the key, or use another.",
  },
  DecryptionFailure: {
    kind: "denied",
    cause: "the secret cannot be decrypted with its KMS key",
    fix: "Allow kms:Decrypt on that key in a policy of the pod's role, and check that the key is enabled.",
  },
};

/**
 * @param what was asked, as messages name it: `GetSecretValue of "db-password"`
 * @param response with a status that is no success
 * @param now milliseconds since 1970
 */
export function failureOfAnswer(what: string, response: HttpResponse, now: number): FetchFailure {
  const code = errorCode(response);
  const meaning = meaningOf(code, response.status);
  const about = [
    ...(code === undefined ? [`HTTP ${response.status}`] : [code]),
    ...(meaning.kind === "denied" ? deniedFacts(response) : []),
    ...requestId(response),
  ];
  return failureByMeaning(what, meaning, about, response, now);
}

/** The name of the error, as each of AWS' protocols has it; undefined when it is no error of AWS. */
export function errorCode({ headers, body }: HttpResponse): string | undefined {
  const json = parseJsonObject(body) ?? {};
  const xml = /<Code>([A-Za-z.]{1,64})<\/Code>/.exec(new TextDecoder().decode(body.subarray(0, 4096)))?.[1];
  const found = headers["x-amzn-errortype"] ?? textField(json, "__type") ?? textField(json, "code") ?? xml ?? "";
  // `com.amazonaws.secretsmanager#Name`, `Name:http://...` or the bare name.
  const name = found.split(":", 1)[0]?.split("#").at(-1) ?? "";
  return /^[A-Za-z]{3,64}$/.test(name) ? name : undefined;
}

function meaningOf(code: string | undefined, status: number): Meaning {
  if (code !== undefined && Object.hasOwn(MEANINGS, code)) return MEANINGS[code] ?? AT_FAULT;
  if (status === 429) return THROTTLED;
  if (status >= 500) return AT_FAULT;
  if (code !== undefined && status === 403) return DENIED;
  if (code !== undefined) return WRONG;
  return {
    kind: "invalid-answer",
    cause: "what answers is not AWS",
    fix: "Check endpoint, proxy and network of the pod.",
  };
}

// IAM User Guide, "Troubleshoot access denied error messages": who, and what. ARNs and names of actions, no values.
const DENIED_FACTS =
  /User: (arn:aws[\w:/+=,.@-]{1,400}) is not authorized to perform: ([a-z0-9-]{1,40}:[A-Za-z]{1,64})/;

function deniedFacts({ body }: HttpResponse): readonly string[] {
  const facts = DENIED_FACTS.exec(new TextDecoder().decode(body.subarray(0, 4096)));
  return facts === null ? [] : [`${facts[1]} may not ${facts[2]}`];
}

function requestId({ headers }: HttpResponse): readonly string[] {
  const id = headers["x-amzn-requestid"] ?? "";
  return /^[A-Za-z0-9-]{1,64}$/.test(id) ? [`request ${id}`] : [];
}
