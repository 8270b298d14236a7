/** Names from outside in logs, spans and Events. */
import { quoted } from "@pod-secrets/core";

/** Names as Kubernetes has them stand as they are; whatever else arrives is quoted, cut, and unprintable characters are escaped. */
export function name(text: string): string {
  return text.length <= 253 && /^[\w.-]*$/.test(text) ? text : quoted(text);
}
