export { modeOptions, type FetchOptions, type ModeOptions, type Modes, type SidecarOptions } from "./options.ts";
export { addPulledFile, type Order, type Pull, type Sidecar } from "./pullers.ts";
export { orderOf, scriptSidecar } from "./scripts.ts";
export { rootWarnings } from "./root-warning.ts";
export type { LocalProfile, SeLinuxOptions, SecurityContext } from "./security-context.ts";
