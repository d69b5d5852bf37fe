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

  it("learns the addresses of a text as long as a body may be, without a space in it", () => {
    const { redactor } = setUp();
    const long = `${"x".repeat(500_000)}:jo@example.com,${"a@".repeat(1_000)}${"7-".repeat(100)}${"y".repeat(500_000)}`;
    redactor.hideMarked({ body: `${long} tail+${"b".repeat(80)}@example.org` }, [
      { pointer: "/body", kind: "sensitive" },
    ]);
    const said = JSON.stringify(
      redactor.hideKnown({ a: "mail jo@example.com", b: `to tail+${"b".repeat(80)}@example.org` }),
    );
    expect(said).not.toContain("jo@example.com");
    expect(said).not.toContain("bbbb");
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

  it("finds marked text in HTML-safe escapes, JSON pointers, percent escapes and any depth of quoting", () => {
    const { redactor } = setUp();
    const body = 'Line one says "hello" to <b>everybody</b>.\nThe path a/b~c & its second line costs 50 euros.';
    redactor.hideMarked({ body }, [{ pointer: "/body", kind: "sensitive" }]);
    const htmlSafe = JSON.stringify(body).replace(/[<>&/]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
    const pointer = `/${body.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const deep = [1, 2, 3, 4].reduce((text) => JSON.stringify({ text }), body);
    const entities = body.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
    for (const form of [
      htmlSafe,
      pointer,
      deep,
      entities,
      encodeURIComponent(body),
      body.toUpperCase(),
      body.replace(/\s+/g, "  "),
    ]) {
      const hidden = redactor.hideInText(form);
      expect(hidden.toLowerCase()).not.toMatch(/everybody|second|euros|hello/);
    }
  });

  it("finds a quoted part of a marked text: four neighbouring words that say enough", () => {
    const { redactor } = setUp();
    const body = "I upgraded to Pro yesterday and see two charges on my card since then";
    redactor.hideMarked({ body }, [{ pointer: "/body", kind: "sensitive" }]);
    const hidden = redactor.hideKnown({ reason: "The customer writes: see two charges on my card, so it is billing." });
    expect(JSON.stringify(hidden)).toMatch(/writes: \[redacted:[^\]]+\], so it is billing/);
    expect(redactor.hideKnown("two charges are one too many")).toBe("two charges are one too many");
  });

  it("hides property names too, and gives them back", () => {
    const { vault, redactor } = setUp();
    redactor.hideMarked({ mail: "jo@example.com" }, [{ pointer: "/mail", kind: "email" }]);
    const hidden = redactor.hideKnown({ "jo@example.com": 1 });
    expect(JSON.stringify(hidden)).not.toContain("example");
    expect(vault.restore(hidden)).toEqual({ "jo@example.com": 1 });
  });

  it("leaves the words of the schemas' own closed sets alone, except where they are marked", () => {
    const { vault } = setUp();
    const redactor = new Redactor(vault, new Set(["billing", "high"]));
    const event = redactor.hideMarked({ ticket: { body: "billing" } }, [
      { pointer: "/ticket/body", kind: "sensitive" },
    ]);
    expect(JSON.stringify(event)).not.toContain("billing");
    const decision = { category: "billing", urgency: "high", raw: '{"category":"billing"}' };
    expect(redactor.hideKnown(decision)).toEqual(decision);
    expect(JSON.stringify(redactor.hideKnown({ body: "billing" }))).not.toContain("billing");
  });

  it("reads 60,000 characters in every script without losing its place", () => {
    const { vault, redactor } = setUp();
    const body = "二重に請求されました。至急返金してください。 Grüße aus München, bitte prüfen! ".repeat(1_000);
    redactor.hideMarked({ body }, [{ pointer: "/body", kind: "sensitive" }]);
    const said = `Er schreibt: ${body.slice(0, 50_000)} Ende.`;
    const hidden = redactor.hideKnown(said) as string;
    expect(hidden).toMatch(/^Er schreibt: \[redacted:/);
    expect(hidden).not.toContain("請求");
    expect(vault.restore(hidden)).toBe(said);
    expect(redactor.hideKnown("GRUSSE AUS MUNCHEN BITTE PRUFEN")).toMatch(/redacted/);
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
