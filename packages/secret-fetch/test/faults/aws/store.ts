/** What the store has, and for whom. */
import type { Row } from "../stage.ts";
import { ROLE, error, type AwsStage } from "./scene.ts";

export const STORE: readonly Row<AwsStage>[] = [
  {
    when: "the role may not read it",
    arrange: error(
      400,
      "AccessDeniedException",
      `User: ${ROLE} is not authorized to perform: secretsmanager:GetSecretValue on resource: db`,
    ),
    kind: "denied",
    message:
      /AWS refuses it \(AccessDeniedException, arn:aws:iam::123456789012:role\/reader may not secretsmanager:GetSecretValue, request /,
  },
  {
    when: "its key may not be used",
    arrange: error(400, "DecryptionFailure"),
    kind: "denied",
    message: /cannot be decrypted with its KMS key/,
  },
  {
    when: "there is no such secret",
    arrange: ({ store }) => store.secrets.clear(),
    kind: "not-found",
    message: /GetSecretValue of "db" in us-east-1: AWS has nothing of that name/,
  },
  {
    when: "there is no such stage",
    arrange: (stage) => {
      stage.source = { secretId: "db", versionStage: "AWSPENDING" };
    },
    kind: "not-found",
    message: /version or stage/,
  },
  {
    when: "it is marked for deletion",
    arrange: ({ store }) => void store.secrets.set("db", { deleted: true }),
    kind: "disabled",
    message: /Restore the secret/,
  },
  {
    when: "AWS does not know the call",
    arrange: error(400, "UnknownOperationException"),
    kind: "wrong-request",
    message: /takes the call for wrong \(UnknownOperationException/,
  },
  {
    when: "AWS takes a parameter for wrong",
    arrange: error(400, "InvalidParameterException"),
    kind: "wrong-request",
    message: /InvalidParameterException/,
  },
];
