/** What was asked of AWS. */
import type { Row } from "../stage.ts";

export const REQUESTS: readonly Row[] = [
  {
    when: "no region is known",
    arrange: (stage) => void (stage.settings = { ...stage.settings, region: undefined }),
    kind: "wrong-request",
    message: /no AWS region is known/,
  },
  {
    when: "the store is not encrypted",
    arrange: (stage) => stage.replaceStore("http://secrets.example.com"),
    kind: "wrong-request",
    message: /endpoints\.secretsmanager is not encrypted/,
  },
];
