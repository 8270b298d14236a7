/** User text that would run: expanded by the kubelet, or as code of a template. */
import { isIdentifier, type SecretRequest } from "@pod-secrets/core";

import { CANARY } from "../arbitraries/hostile-names.ts";
import { splitTemplate } from "../go-template.ts";
import { secretRequest } from "../requests.ts";
import { additions, type Additions } from "./additions.ts";
import { admit } from "./admission.ts";
import type { Subject } from "./cases.ts";
import { PROFILE_NAMES, casePods, forEachInOrder, withInjector } from "./scenarios.ts";

/** Whether a hostile name shows in a text. */
export function hasCanary(text: string | undefined): boolean {
  return text !== undefined && text.toLowerCase().includes(CANARY);
}

/**
 * Checks that no env var of user text is expanded: the kubelet replaces `$(NAME)`, and `$$` stands for one
 * dollar (k8s.io/kubernetes/third_party/forked/golang/expansion).
 * @throws Error that names the env var
 */
export function checkKubelet({ env, initContainers }: Additions): void {
  const commands = initContainers.flatMap(({ name, command = [], args = [] }) =>
    [...command, ...args].map((value) => ({ what: `the command of container ${name}`, value })),
  );
  const values = env.map(({ entry }) => ({ what: `env var ${entry.name}`, value: entry.value ?? "" }));
  for (const { what, value } of [...values, ...commands]) {
    for (const [, dollars = "", reference] of value.matchAll(/(\$+)\(([^)]*)\)/g)) {
      if (dollars.length % 2 === 1 && hasCanary(reference))
        throw new Error(`${what} lets the kubelet expand user text: use literalEnvValue`);
    }
  }
}

/** What no shell and no program takes for anything but a name: no option, no way out of a directory. */
const PLAIN_NAME = /^\w(?:[\w:/-]|\.(?!\.))*$/;

/**
 * Checks that commands hold user text only as names of plain characters: whoever writes such a command has to refuse all
 * others.
 * @throws Error that names the container
 */
export function checkCommands({ initContainers }: Additions, request: SecretRequest): void {
  const names = [request.group, request.key, request.groupVersion].map((name) => name.toLowerCase()).filter(hasCanary);
  const plain = names.filter((name) => PLAIN_NAME.test(name));
  const others = names.filter((name) => !PLAIN_NAME.test(name));
  for (const { name, command = [], args = [] } of initContainers) {
    const texts = [...command, ...args].map((text) => text.toLowerCase());
    const isOther = (text: string): boolean =>
      others.some((other) => text.includes(other)) ||
      hasCanary(plain.reduce((rest, known) => rest.replaceAll(known, ""), text));
    if (texts.some(isOther))
      throw new Error(
        `user text is in the command of container ${name}: pass it by an env var, or take plain names only`,
      );
  }
}

/** A text that the injector added, and where. Ids that differ from secret to secret are left out of the place. */
interface PlacedText {
  readonly place: string;
  readonly text: string;
}

/**
 * The places where the injector writes templates: where braces are for names without any. Elsewhere braces are
 * just text, such as those of a path.
 */
export async function templatePlaces(subject: Subject): Promise<ReadonlySet<string>> {
  const { plugin, cases } = subject;
  const places = new Set<string>();
  const requests = cases.injects.map(secretRequest);
  await withInjector(subject, (injector) =>
    forEachInOrder(PROFILE_NAMES, (profile) =>
      forEachInOrder(casePods(cases), async (pod) => {
        const { after } = await admit(plugin, injector, pod, requests, { profile });
        for (const { place, text } of textsOf(additions(pod, after))) {
          if (text.includes("{{")) places.add(place);
        }
      }),
    ),
  );
  return places;
}

/**
 * Checks that user text stands in string literals of templates only.
 * @throws Error that says so
 */
export function checkTemplates(added: Additions, request: SecretRequest, places: ReadonlySet<string>): void {
  const names = [request.group, request.key, request.groupVersion];
  for (const { place, text } of textsOf(added)) {
    if (places.has(place) && hasCanary(text)) checkTemplate(text, names);
  }
}

function textsOf({ env, annotations, initContainers }: Additions): readonly PlacedText[] {
  return [
    ...env.map(({ entry }) => ({ place: `env ${withoutId(entry.name)}`, text: entry.value ?? "" })),
    ...annotations.map(([key, value]) => ({ place: `annotation ${withoutId(key)}`, text: value })),
    ...initContainers.flatMap(({ command = [], args = [] }) =>
      [...command, ...args].map((text) => ({ place: "command", text })),
    ),
  ];
}

/** Ids are hashes, UUIDs or numbers. */
function withoutId(name: string): string {
  return name.replaceAll(/[0-9a-f]{8,}|\d+/gi, "#");
}

/** A name that is an identifier may be a field in the code, as in Flyte's own templates; no other name may. */
function checkTemplate(template: string, names: readonly string[]): void {
  const { text, code, broken } = splitTemplate(template);
  if (broken) throw new Error("user text breaks a template: quote it");
  const identifiers = new Set(names.filter(isIdentifier));
  const isBare = (part: string): boolean =>
    hasCanary(part.replaceAll(/\w+/g, (word) => (identifiers.has(word) ? "" : word)));
  if ([...text, ...code].some(isBare))
    throw new Error("user text stands in a template outside of a string literal: quote it");
}
