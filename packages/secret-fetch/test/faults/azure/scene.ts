/** Azure Key Vault on the stage, with Microsoft Entra. */
import { AKS_FILES, aksEnv } from "../../providers/azure-keyvault/rig.ts";
import type { Fault, FaultyServer } from "../../rig/faulty-server.ts";
import {
  ASSERTION,
  AZURE_TOKEN,
  sendEntraError,
  sendVaultError,
  serveEntra,
  serveKeyVault,
  type KeyVault,
  type VaultErrorFacts,
} from "../../rig/key-vault.ts";
import { OTHER, VALUE, always, type Row, type Scene, type Stage } from "../stage.ts";

export interface AzureStage extends Stage {
  readonly store: KeyVault;
  readonly entra: FaultyServer;
}

export const AZURE: Scene<AzureStage> = {
  use: "azure-keyvault",
  other: { secret: "other" },
  confidential: [ASSERTION, AZURE_TOKEN],
  set: async (basis) => {
    const [store, entra] = [await serveKeyVault(), await serveEntra()];
    store.secrets.set("db", [{ value: VALUE }]);
    store.secrets.set("other", [{ value: OTHER }]);
    const stage: AzureStage = {
      ...basis,
      store,
      entra,
      put: (value) => void store.secrets.set("db", [{ value }]),
      replaceStore: (url, settings = {}) => {
        stage.settings = { ...stage.settings, vault: url.toString(), ...settings };
      },
      env: aksEnv(entra.url),
      files: AKS_FILES,
      settings: { vault: store.url.href },
      source: { secret: "db" },
    };
    return stage;
  },
};

/** An error of Key Vault, for every call. */
export const vaultError = (status: number, code: string, facts?: VaultErrorFacts): Row["arrange"] =>
  always((response) => sendVaultError(response, status, code, facts));

/** Entra answers everything so. */
export const entra =
  (fault: Fault): Row<AzureStage>["arrange"] =>
  (stage) => {
    stage.entra.faults.push(...Array.from({ length: 100 }, () => fault));
  };
export const entraError = (status: number, error: string, number: number): Row<AzureStage>["arrange"] =>
  entra((response) => sendEntraError(response, status, error, number));
