import type { IncomingMessage, ServerResponse } from "node:http";

/** AWS Secrets Manager, which has every secret: all with one value. */
export function answeringAll(value: string): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const { SecretId: Name } = JSON.parse(body) as { readonly SecretId: string };
      response.end(JSON.stringify({ Name, SecretString: value }));
    });
  };
}
