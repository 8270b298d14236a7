/** What HTTP itself can say, and what else may answer in the place of a store. */
import { answer, type Row } from "./stage.ts";

/**
 * @param vendor as messages name it
 * @param nonsense what is said of an answer that is none
 */
export function httpAnswers(vendor: string, nonsense: RegExp): readonly Row[] {
  const stranger = new RegExp(`what answers is not ${vendor} \\(HTTP \\d+`);
  return [
    {
      when: "it is throttled, with a wait longer than the deadline",
      arrange: answer(429, "", { "retry-after": "3000" }),
      kind: "throttled",
      message: /HTTP 429/,
    },
    { when: "it is throttled for ever", arrange: answer(429, ""), kind: "throttled", message: /, tried \d+ times: / },
    {
      when: "a load balancer has no server",
      arrange: answer(503, "<html>503</html>"),
      kind: "unavailable",
      message: /HTTP 503/,
    },
    { when: "a gateway gets no answer", arrange: answer(504, ""), kind: "unavailable", message: /HTTP 504/ },
    {
      when: "it wants us to go elsewhere",
      arrange: answer(307, "", { location: "http://127.0.0.1:1/" }),
      kind: "invalid-answer",
      message: stranger,
    },
    {
      when: "a web page answers",
      arrange: answer(200, "<html>log in</html>"),
      kind: "invalid-answer",
      message: nonsense,
    },
    {
      when: "a web page says that there is nothing",
      arrange: answer(404, "<html>404</html>"),
      kind: "invalid-answer",
      message: stranger,
    },
    { when: "a proxy wants a password", arrange: answer(407, ""), kind: "invalid-answer", message: stranger },
    { when: "the answer is empty", arrange: answer(200, ""), kind: "invalid-answer", message: nonsense },
    { when: "the answer is a list", arrange: answer(200, "[]"), kind: "invalid-answer", message: nonsense },
    {
      when: "the answer is no UTF-8",
      arrange: answer(200, Uint8Array.of(0x7b, 0xff, 0x7d)),
      kind: "invalid-answer",
      message: nonsense,
    },
  ];
}
