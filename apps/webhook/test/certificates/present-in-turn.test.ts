import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

import { presentInTurn } from "../../src/certificates/present-in-turn.ts";
import { followFileBundle } from "../../src/registration/file-bundle.ts";
import type { LoadedCertificate } from "../../src/certificates/certificate.ts";
import { collectLog } from "./managed/collected-log.ts";

const named = (name: string): LoadedCertificate => ({ certificate: name, key: "", expires: 0 });

let presented: string[];
let faults: unknown[];
let stop: AbortController;
beforeEach(() => {
  presented = [];
  faults = [];
  stop = new AbortController();
  onTestFinished(() => stop.abort());
});

function presenting(published: () => Promise<void>): (certificate: LoadedCertificate) => void {
  return presentInTurn({
    published,
    present: ({ certificate }) => presented.push(certificate),
    onFault: (fault) => faults.push(fault),
    signal: stop.signal,
  });
}

/** A registration that holds a bundle when it is told to, as the one of a cluster does. */
function slowRegistration(): { readonly publish: () => Promise<void>; readonly hold: () => void } {
  const waiting: (() => void)[] = [];
  return {
    publish: () => new Promise((resolve) => waiting.push(resolve)),
    hold: () => waiting.splice(0).forEach((resolve) => resolve()),
  };
}

describe("a new certificate", () => {
  test("is presented when its CA is published, also by a look before it was seen", async () => {
    const { publish, hold } = slowRegistration();
    let bundle = "first";
    const given: string[] = [];
    const look = followFileBundle("first", {
      read: async () => bundle,
      publish: (text) => {
        given.push(text);
        return publish();
      },
      log: collectLog().log,
      signal: stop.signal,
      interval: 5,
    });
    hold();
    bundle = "second";
    await expect.poll(() => given).toEqual(["first", "second"]);
    presenting(look)(named("second"));
    await sleep(30);
    expect(presented).toEqual([]);
    hold();
    await expect.poll(() => presented).toEqual(["second"]);
  });

  test("is left out when a later one has come meanwhile, and never replaces it", async () => {
    const waits: (() => void)[] = [];
    const present = presenting(() => new Promise((resolve) => waits.push(resolve)));
    present(named("second"));
    present(named("third"));
    await sleep(5);
    expect(waits).toHaveLength(1);
    waits[0]?.();
    await expect.poll(() => waits.length).toBe(2);
    expect(presented).toEqual([]);
    waits[1]?.();
    await expect.poll(() => presented).toEqual(["third"]);
  });

  test("that cannot be presented is told of, and the next one is presented", async () => {
    const fault = new Error("canary");
    let fails = true;
    const present = presenting(async () => {
      if (fails) throw fault;
    });
    present(named("second"));
    await expect.poll(() => faults).toEqual([fault]);
    fails = false;
    present(named("third"));
    await expect.poll(() => presented).toEqual(["third"]);
  });

  test("is left out once the process ends", async () => {
    const { publish, hold } = slowRegistration();
    presenting(publish)(named("second"));
    stop.abort();
    hold();
    await sleep(5);
    expect(presented).toEqual([]);
  });
});
