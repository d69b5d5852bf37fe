import { readFile } from "node:fs/promises";
import type { JsonObject } from "../../src/base/json.ts";

export interface Ticket {
  event_id: string;
  ticket: { id: string; subject: string; body: string };
  customer: { id: string; email?: string };
}

/** The example's tickets, re-sent ones included, over and over: from the second round on as tickets of their own. */
export async function* endlessTickets(): AsyncGenerator<Ticket> {
  const file = new URL("../../examples/support-triage/tickets/tickets.jsonl", import.meta.url);
  const tickets = (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Ticket);
  for (let round = 1; ; round++)
    for (const each of tickets) {
      if (round === 1) yield each;
      else
        yield {
          ...each,
          event_id: `${each.event_id}_${round}`,
          ticket: { ...each.ticket, id: `${each.ticket.id}_${round}` },
        };
    }
}

/** One follow-up to so many tickets. */
const PER_FOLLOW_UP = 5;

/** The tickets, and follow-ups among them, of which two in three are answered: some before they wait for it. */
export async function* endlessEvents(): AsyncGenerator<JsonObject> {
  let count = 0;
  for await (const ticket of endlessTickets()) {
    yield ticket as unknown as JsonObject;
    const nth = Math.floor(++count / PER_FOLLOW_UP);
    if (count % PER_FOLLOW_UP === 0) yield followUp("follow_up.due", nth);
    if (count % PER_FOLLOW_UP === (nth % 2 === 0 ? 1 : 4) && nth % 3 !== 0) yield followUp("follow_up.answered", nth);
  }
}

function followUp(event: string, nth: number): JsonObject {
  const id = `${event === "follow_up.due" ? "fup" : "ans"}_${nth}`;
  return { event, event_id: id, created_at: "2026-05-29T14:22:10Z", ticket: { id: `tkt_fup_${nth}` } };
}

/** The tickets among some events. */
export function ticketsOf(events: Iterable<JsonObject>): Ticket[] {
  return [...events].filter((event) => event["customer"] !== undefined) as unknown as Ticket[];
}

const SHORTEST = 24;

/**
 * Texts that may be nowhere on disk: lines of bodies, and addresses, as far as they are long enough to be no accident and
 * stand in nothing that is not marked.
 */
export function secretsOf(tickets: readonly Ticket[]): string[] {
  const first = new Map(tickets.map((each) => [each.ticket.body, each]));
  const open = tickets.map(({ ticket, customer }) => `${ticket.subject}\n${ticket.id}\n${customer.id}`).join("\n");
  const marked = [...first.values()].flatMap(({ ticket, customer }) => [
    ...ticket.body.split(/[\r\n]+/).map((line) => line.trim()),
    ...(customer.email === undefined ? [] : [customer.email]),
  ]);
  return [...new Set(marked)].filter(
    (text) => (text.length >= SHORTEST || text.includes("@")) && text.length > 8 && !open.includes(text),
  );
}

/** Finds which of many texts stand in some bytes, in one pass: by their first three bytes, then whole. */
export function searchFor(texts: readonly string[]): (bytes: Uint8Array) => string[] {
  const byStart = new Map<number, Buffer[]>();
  const starts = new Uint8Array(1 << 24);
  for (const wanted of texts.map((text) => Buffer.from(text))) {
    const start = wanted.readUIntBE(0, 3);
    starts[start] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), wanted]);
  }
  return (bytes) => {
    const found = new Set<string>();
    let start = 0;
    for (let i = 0; i < bytes.length; i++) {
      start = ((start << 8) | (bytes[i] as number)) & 0xffffff;
      if (starts[start] === 0 || i < 2) continue;
      for (const wanted of byStart.get(start) ?? [])
        if (wanted.equals(bytes.subarray(i - 2, i - 2 + wanted.length))) found.add(wanted.toString());
    }
    return [...found];
  };
}
