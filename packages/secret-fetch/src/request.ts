/** What whoever writes the pod needs: the form of the request, and its text. Nothing of Node. */
export {
  REQUEST_ENV_VAR,
  REQUEST_PART_PREFIX,
  formatRequest,
  type EnvTarget,
  type FetchItem,
  type FetchRequest,
  type FileTarget,
  type ProviderUse,
} from "./request/fetch-request.ts";
export { GOOGLE_METADATA_HOSTS, isPrivateWay, isServerUrl } from "./request/server-address.ts";
export { volumePathFault } from "./request/volume-path.ts";
