/** What the injectors of Vault share. Not an injector itself. */
export { createAgentInjector, type VaultEngine } from "./agent-injector.ts";
export { agentErrors } from "./errors.ts";
export type { GroupVersion } from "./group-version.ts";
export {
  agentOptions,
  errorOnMissingKey,
  errorOnNull,
  type AgentOptions,
  type FileCase,
  type KeyValueOptions,
} from "./options.ts";
export { checkedTemplate, valueTemplate, type FileTemplate } from "./template.ts";
export type { PathRules } from "./vault-path.ts";
