import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../base/json.ts";
import { createKeyring } from "./keyring.ts";
import { Redactor } from "./redact.ts";
import { RunVault } from "./vault.ts";

const keyring = createKeyring(new Uint8Array(32).fill(7));
const setUp = (): { vault: RunVault; redactor: Redactor } => {
  const { vault } = RunVault.create("run_1", keyring);
  return { vault, redactor: new Redactor(vault) };
};

describe("redaction", () => {
  it("hides a marked value and gives it back from the vault", () => {
    const { vault, redactor } = setUp();
    const event = { ticket: { body: "My card 4111 1111 1111 1111 was charged twice.", id: "t1" } };
    const hidden = redactor.hideMarked(event, [{ pointer: "/ticket/body", kind: "sensitive" }]);
    expect(JSON.stringify(hidden)).not.toContain("4111");
    expect(JSON.stringify(hidden)).toContain("t1");
    expect(vault.restore(hidden)).toEqual(event);
  });

  it("hides what was marked once wherever it stands later: whole, by line, by number, by address", () => {
    const { redactor } = setUp();
    const body =
      "Hello,\nplease call +49 170 1234567 or write to jo@example.com.\nTwo charges on my card since Monday!";
    redactor.hideMarked({ body }, [{ pointer: "/body", kind: "sensitive" }]);
    const said = redactor.hideKnown({
      a: `They wrote: ${body}`,
      b: "call +49 170 1234567 now",
      c: "mail jo@example.com",
      d: ["Two charges on my card since Monday!"],
    });
    const text = JSON.stringify(said);
    for (const secret of ["1234567", "jo@example.com", "Two charges"]) expect(text).not.toContain(secret);
    expect(text).toContain("They wrote: ");
  });

  it("finds marked text inside raw JSON, however it is escaped", () => {
    const { redactor } = setUp();
    const body = 'Grüße, "Anna" sagt:\nzweimal abgebucht, bitte prüfen';
    redactor.hideMarked({ body }, [{ pointer: "/body", kind: "sensitive" }]);
    const once = JSON.stringify({ content: body });
    const twice = JSON.stringify({ content: once });
    const ascii = twice.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
    for (const raw of [once, twice, ascii]) {
      const hidden = redactor.hideInText(raw);
      expect(hidden).not.toContain("zweimal abgebucht");
      expect(hidden).not.toContain("Anna");
    }
  });

  it("does not mistake a short marked value for part of a word, nor match inside its own tokens", () => {
    const { vault, redactor } = setUp();
    redactor.hideMarked({ a: "email", b: "redacted" }, [
      { pointer: "/a", kind: "email" },
      { pointer: "/b", kind: "email" },
    ]);
    const hidden = redactor.hideKnown("emails are redacted by email");
    expect(hidden).toMatch(/^emails are \[redacted:email:[\w-]{22}\] by \[redacted:email:[\w-]{22}\]$/);
    expect(vault.restore(hidden)).toBe("emails are redacted by email");
  });

  it("restores any document exactly, from its sealed vault too", () => {
    const marked = fc.record({
      secret: fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.boolean()),
      other: fc.jsonValue(),
    });
    fc.assert(
      fc.property(marked, fc.string({ unit: "binary" }), (value, tail) => {
        const { vault, redactor } = setUp();
        const document = JSON.parse(JSON.stringify({ ...value, said: `${String(value.secret)} ${tail}` })) as Json;
        const hidden = redactor.hideKnown(redactor.hideMarked(document, [{ pointer: "/secret", kind: "sensitive" }]));
        expect(vault.restore(hidden)).toEqual(document);
        const { vault: again } = { vault: vault.drain() };
        expect(again).not.toBeNull();
      }),
    );
  });

  it("gives equal values equal fingerprints, and another run other ones", () => {
    const a = RunVault.create("run_a", keyring).vault;
    const b = RunVault.create("run_b", keyring).vault;
    expect(a.fingerprint({ x: 1, y: 2 })).toBe(a.fingerprint({ y: 2, x: 1 }));
    expect(a.fingerprint({ x: 1 })).not.toBe(b.fingerprint({ x: 1 }));
  });

  it("opens a vault only for its own run and key", () => {
    const { vault, wrappedKey } = RunVault.create("run_a", keyring);
    const token = vault.hide("secret", "sensitive");
    const sealed = vault.drain() as Uint8Array;
    const mine = new RunVault("run_a", keyring.unwrap(wrappedKey));
    mine.load(sealed);
    expect(mine.restore(token)).toBe("secret");
    expect(() => new RunVault("run_b", keyring.unwrap(wrappedKey)).load(sealed)).toThrow();
    expect(() => createKeyring(new Uint8Array(32).fill(8)).unwrap(wrappedKey)).toThrow();
  });
});
