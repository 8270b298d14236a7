/** A collector of the test's own: it takes OTLP over HTTP and keeps the spans. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** As OTLP's JSON has it (opentelemetry-proto 1.x, trace/v1/trace.proto). */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: ReceivedSpan["attributes"] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface OtlpReceiver {
  readonly endpoint: string;
  readonly requests: readonly ReceivedRequest[];
  /** All spans so far. */
  readonly spans: () => readonly ReceivedSpan[];
  /** Attributes of the resource of the first request. */
  readonly resource: () => Readonly<Record<string, unknown>>;
  /** Answers from now on with this; `silence` for none at all. */
  readonly answerWith: (answer: number | "silence") => void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startReceiver(): Promise<OtlpReceiver> {
  const requests: ReceivedRequest[] = [];
  let answer: number | "silence" = 200;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = (await buffer(request)).toString();
    requests.push({ path: request.url ?? "", headers: request.headers, body });
    if (answer === "silence") return;
    response.writeHead(answer, { "Content-Type": "application/json" }).end("{}");
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bodies = (): readonly ExportRequest[] => requests.map(({ body }) => JSON.parse(body) as ExportRequest);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    spans: () =>
      bodies().flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap((of) => of.scopeSpans.flatMap(({ spans }) => spans)),
      ),
    resource: () => valuesOf(bodies()[0]?.resourceSpans[0]?.resource.attributes ?? []),
    answerWith: (next) => {
      answer = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Attributes by name: `{ intValue: 1 }` is 1. */
export function valuesOf(attributes: ReceivedSpan["attributes"]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
