/** Confidant on the stage: one document, with both secrets in it. */
import { documentWith, PASSWORD_FILE } from "../../providers/confidant/rig.ts";
import { serveFaulty } from "../../rig/faulty-server.ts";
import { OTHER, VALUE, type Scene, type Stage } from "../stage.ts";

const TOKEN = "token-of-the-service";
const AUTH = { method: "basic", userName: "2/service/orders", passwordFile: PASSWORD_FILE };

export interface ConfidantStage extends Stage {
  /** Another document in the place of the right one. */
  readonly replaceDocument: (text: string) => void;
}

export const pairs = (value: unknown): string => JSON.stringify({ password: value, other: OTHER });

export const CONFIDANT: Scene<ConfidantStage> = {
  use: "confidant",
  other: { credential: "db", key: "other" },
  confidential: [TOKEN],
  set: async (basis) => {
    let document = documentWith(pairs(VALUE));
    const store = await serveFaulty((_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(document);
    });
    const stage: ConfidantStage = {
      ...basis,
      store,
      put: (value) => void (document = documentWith(pairs(value))),
      replaceDocument: (text) => void (document = text),
      replaceStore: (url, settings = {}) => {
        stage.settings = { ...stage.settings, url: url.toString(), ...settings };
      },
      env: {},
      files: { [PASSWORD_FILE]: TOKEN },
      settings: { url: store.url.href, service: "orders", auth: AUTH },
      source: { credential: "db", key: "password" },
    };
    return stage;
  },
};
