import { readFileSync } from "node:fs";

import { runVectors, type VectorFile } from "@pod-secrets/injector-testkit";

import plugin from "../src/index.ts";

const text = readFileSync(new URL("../../core/test/vectors/mutations.json", import.meta.url), "utf8");

runVectors(plugin, JSON.parse(text) as VectorFile, { manager: "Azure" });
