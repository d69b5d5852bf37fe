import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditLink, CHAIN_START, chainNext } from "./chain.ts";

const KEY = new Uint8Array(32).fill(7);

const mac: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The chain after the records `macs`, numbered from 1. */
function headOf(macs: readonly Uint8Array[], key = KEY): string {
  let chain: Uint8Array = CHAIN_START;
  for (const [at, one] of macs.entries()) chain = chainNext(key, chain, at + 1, one);
  return Buffer.from(chain).toString("hex");
}

describe("the chain of a run's records", () => {
  it("is HMAC-SHA-256 over the link before, the number as 8 bytes and the record's MAC", () => {
    const one = new Uint8Array(32).fill(9);
    const message = Buffer.concat([new Uint8Array(32), Buffer.from("0000000000000001", "hex"), one]);
    expect(Buffer.from(chainNext(KEY, CHAIN_START, 1, one))).toEqual(
      createHmac("sha256", KEY).update(message).digest(),
    );
  });

  it("ends otherwise when a record is changed, left out, added or moved", () => {
    fc.assert(
      fc.property(fc.array(mac, { minLength: 2, maxLength: 8 }), fc.nat(), mac, (macs, seed, other) => {
        const at = seed % macs.length;
        const head = headOf(macs);
        fc.pre(Buffer.compare(macs[at] as Uint8Array, other) !== 0);
        expect(headOf(macs)).toBe(head);
        expect(headOf(macs.with(at, other))).not.toBe(head);
        expect(headOf(macs.toSpliced(at, 1))).not.toBe(head);
        expect(headOf(macs.toSpliced(at, 0, other))).not.toBe(head);
        const moved = macs.toSpliced(at, 1).concat([macs[at] as Uint8Array]);
        const same = moved.every((one, i) => Buffer.compare(one, macs[i] as Uint8Array) === 0);
        expect(headOf(moved) === head).toBe(same);
      }),
    );
  });

  it("cannot be made without the key", () => {
    fc.assert(
      fc.property(fc.array(mac, { minLength: 1, maxLength: 4 }), (macs) => {
        expect(headOf(macs, new Uint8Array(32).fill(8))).not.toBe(headOf(macs));
      }),
    );
  });
});

describe("a link of the audit chain", () => {
  const entry = { index: 1, runId: "run_1", lastSeq: 5, head: new Uint8Array(32).fill(3) };
  const link = (over: Partial<typeof entry>): string =>
    Buffer.from(auditLink(KEY, CHAIN_START, { ...entry, ...over })).toString("hex");

  it("binds the place, the run, its last record and its head", () => {
    const others = [{ index: 2 }, { runId: "run_2" }, { lastSeq: 6 }, { head: new Uint8Array(32).fill(4) }];
    expect(new Set([link({}), ...others.map(link)]).size).toBe(5);
    expect(link({})).toBe(link({}));
  });

  it("binds the link before it", () => {
    const next = auditLink(KEY, new Uint8Array(32).fill(1), entry);
    expect(Buffer.from(next).toString("hex")).not.toBe(link({}));
  });
});
