/** What a provider of one's own needs, and an image with it. */
export { runProgram } from "./command/program.ts";
export {
  FAILURES,
  FetchFailure,
  isFetchFailure,
  type FailureDetails,
  type FailureEntry,
  type FailureKind,
} from "./failure.ts";
export type { Http, HttpRequest, HttpResponse } from "./http.ts";
export { defineProvider, type Provider, type ProviderHost, type ProviderPlugin } from "./provider.ts";
export { builtInProviders } from "./providers/built-in.ts";
export { remembered } from "./remembered.ts";
export { absolutePath, lineOfText, serverUrl, trustedServer } from "./settings.ts";
