import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SealedRecord } from "../../journal/record.ts";
import { putRecords, takeRecords } from "./record-wire.ts";
import { Packer, Unpacker } from "./wire.ts";

const bytes = fc.uint8Array({ maxLength: 40_000 });

const someRecord: fc.Arbitrary<SealedRecord> = fc.record({
  kind: fc.constantFrom("event", "prompt", "tool"),
  type: fc.constantFrom("trigger", "model_call"),
  name: fc.string({ unit: "grapheme" }),
  key: fc.string(),
  attempt: fc.nat(),
  status: fc.constantFrom("success", "error"),
  ends: fc.boolean(),
  startedAt: fc.nat(),
  endedAt: fc.nat(),
  body: fc.string({ unit: "grapheme" }),
  blobRefs: fc.option(fc.string()),
  blobs: fc.array(fc.record({ hash: fc.string(), text: fc.string() }), { maxLength: 3 }),
  mac: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  vault: fc.option(bytes),
});

/** As the other thread gets it. */
function crossed(packer: Packer): Unpacker {
  const parcel = packer.seal();
  return new Unpacker(structuredClone(parcel, { transfer: [parcel.bytes.buffer] }));
}

describe("what crosses between threads", () => {
  it("arrives as it was sent, bytes and values in any order", () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined));
    fc.assert(
      fc.property(fc.array(fc.oneof(value, bytes)), (sent) => {
        const packer = new Packer();
        for (const one of sent) {
          if (one instanceof Uint8Array) packer.bytes(one);
          else packer.cell(one);
        }
        const unpacker = crossed(packer);
        for (const one of sent) {
          if (one instanceof Uint8Array) expect(Buffer.compare(unpacker.bytes(), one)).toBe(0);
          else expect(unpacker.cell()).toBe(one);
        }
        expect(unpacker.done).toBe(true);
      }),
    );
  });

  it("sealed records arrive whole, many in one parcel", () => {
    fc.assert(
      fc.property(fc.array(fc.array(someRecord, { maxLength: 3 }), { maxLength: 4 }), (batches) => {
        const packer = new Packer();
        for (const records of batches) putRecords(packer, records);
        const unpacker = crossed(packer);
        for (const records of batches) expect(takeRecords(unpacker)).toEqual(records);
      }),
      { numRuns: 40 },
    );
  });

  it("an operation that cannot be packed leaves nothing behind", () => {
    const packer = new Packer();
    packer.cell("before");
    packer.bytes(new Uint8Array([1]));
    const mark = packer.mark();
    packer.cell("half");
    packer.bytes(new Uint8Array(50_000));
    packer.rewind(mark);
    packer.cell("after");
    packer.bytes(new Uint8Array([2]));
    const unpacker = crossed(packer);
    expect([unpacker.text(), [...unpacker.bytes()], unpacker.text(), [...unpacker.bytes()]]).toEqual([
      "before",
      [1],
      "after",
      [2],
    ]);
    expect(unpacker.done).toBe(true);
  });
});
