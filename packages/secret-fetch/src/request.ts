/** What whoever writes the pod needs: the form of the request, and its text. Nothing of Node. */
export {
  REQUEST_ENV_VAR,
  formatRequest,
  type EnvTarget,
  type FetchItem,
  type FetchRequest,
  type FileTarget,
  type ProviderUse,
} from "./request/fetch-request.ts";
