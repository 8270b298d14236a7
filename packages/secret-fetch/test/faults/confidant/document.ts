/** What stands in the service's document. */
import { documentWith } from "../../providers/confidant/rig.ts";
import { VALUE, jsonAnswer, type Row } from "../stage.ts";
import { pairs, type ConfidantStage } from "./scene.ts";

const replaced =
  (text: string): Row<ConfidantStage>["arrange"] =>
  (stage) =>
    stage.replaceDocument(text);

const DOCUMENT = documentWith(pairs(VALUE));
const NO_DOCUMENT = /the answer is no document of that service/;

export const DOCUMENTS: readonly Row<ConfidantStage>[] = [
  {
    when: "half of the document is there",
    arrange: replaced(DOCUMENT.slice(0, -20)),
    kind: "invalid-answer",
    message: NO_DOCUMENT,
  },
  {
    when: "it is the document of another service",
    arrange: replaced(DOCUMENT.replace('"id":"orders"', '"id":"billing"')),
    kind: "invalid-answer",
    message: NO_DOCUMENT,
  },
  {
    when: "a credential has no name",
    arrange: replaced(DOCUMENT.replace('"name":"db",', "")),
    kind: "invalid-answer",
    message: NO_DOCUMENT,
  },
  {
    when: "the service is switched off",
    arrange: replaced(DOCUMENT.replace('"enabled":true,"revision":1,"credentials"', '"enabled":false,"credentials"')),
    kind: "disabled",
    message: /the service "orders" is disabled in Confidant/,
  },
  {
    when: "the credential is switched off",
    arrange: replaced(DOCUMENT.replace('"name":"db","enabled":true', '"name":"db","enabled":false')),
    kind: "disabled",
    message: /the credential "db" of the service "orders" is disabled/,
  },
  {
    when: "two credentials have the name",
    arrange: replaced(
      DOCUMENT.replace("]}", `,{"name":"db","enabled":true,"revision":1,"credential_pairs":${pairs(VALUE)}}]}`),
    ),
    kind: "invalid-answer",
    message: /several credentials "db"/,
  },
  {
    when: "only its own client can read the credential",
    arrange: (stage) => {
      stage.replaceDocument(documentWith(pairs(VALUE), "", `,"blind_credentials":[{"name":"sealed"}]`));
      stage.source = { credential: "sealed", key: "password" };
    },
    kind: "unusable-value",
    message: /is a blind one/,
  },
  {
    when: "the service has no such credential",
    arrange: (stage) => void (stage.source = { credential: "DB", key: "password" }),
    kind: "not-found",
    message: /has no credential "DB"/,
  },
  {
    when: "the credential has no such key",
    arrange: (stage) => void (stage.source = { credential: "db", key: "user" }),
    kind: "not-found",
    message: /has no key "user"/,
  },
  {
    when: "the value is null",
    arrange: replaced(documentWith(pairs(null))),
    kind: "unusable-value",
    message: /is no text, number, true or false/,
  },
  {
    when: "another revision is there",
    arrange: (stage) => void (stage.source = { ...stage.source, revision: 2 }),
    kind: "wrong-version",
    message: /has revision "1", not 2/,
  },
  {
    when: "a gateway before Confidant knows no such address",
    arrange: jsonAnswer(404, { message: "no Route matched with those values" }),
    kind: "invalid-answer",
    message: /what answers is not Confidant \(HTTP 404\)/,
  },
  {
    when: "there is no such service",
    arrange: jsonAnswer(404, {}),
    kind: "not-found",
    message: /there is no such service/,
  },
];
