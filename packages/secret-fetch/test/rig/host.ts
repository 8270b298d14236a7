/** What the program lends to providers, as tests want it. */
import { FetchFailure } from "../../src/failure.ts";
import { createHttpClient, type HttpClient } from "../../src/ports/node-http.ts";
import type { ProviderHost } from "../../src/provider.ts";

export interface TestHost extends ProviderHost {
  close(): void;
}

export interface HostFacts {
  readonly env?: Readonly<Record<string, string>>;
  /** Content of files by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** What answers at 169.254.169.254, an address that each node has for itself. */
  readonly node?: URL | undefined;
}

/** Real HTTP; environment, files and time as told. */
export function testHost({ env = {}, files = {}, now = Date.now, node }: HostFacts = {}): TestHost {
  const client: HttpClient = createHttpClient();
  return {
    http: (request) => client.http({ ...request, url: placeOf(request.url, node) }),
    now,
    env,
    readFile: async (path) => {
      const content = files[path];
      if (content !== undefined) return new TextEncoder().encode(content);
      throw new FetchFailure("not-found", `there is no file "${path}"`, "Mount it.");
    },
    close: () => client.close(),
  };
}

function placeOf(url: URL, node: URL | undefined): URL {
  return node !== undefined && url.hostname === "169.254.169.254" ? new URL(url.pathname + url.search, node) : url;
}
