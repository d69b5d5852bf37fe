import { expect, test } from "vitest";
import { endlessTickets, searchFor, secretsOf } from "./stream.ts";
import type { Ticket } from "./stream.ts";

test("texts are found wherever they stand in some bytes, and nothing else is", () => {
  const search = searchFor(["charged twice", "grüße aus köln", "chargeback"]);
  expect(search(Buffer.from("charged twice"))).toEqual(["charged twice"]);
  expect(search(Buffer.from("\u0000ch charged twice, Grüße grüße aus köln"))).toEqual([
    "charged twice",
    "grüße aus köln",
  ]);
  expect(search(Buffer.from("charged once, charged twic"))).toEqual([]);
  expect(search(Buffer.alloc(0))).toEqual([]);
});

test("the tickets hold enough that may not be seen, and none of it is said elsewhere in the open", async () => {
  const tickets: Ticket[] = [];
  for await (const each of endlessTickets()) if (tickets.push(each) === 400) break;
  const secrets = secretsOf(tickets);
  expect(secrets.length).toBeGreaterThan(200);
  expect(secrets.filter((text) => tickets.some(({ ticket }) => ticket.subject.includes(text)))).toEqual([]);
});

test("the second round of the tickets is of events of their own", async () => {
  const seen = new Set<string>();
  let resent = 0;
  let count = 0;
  for await (const { event_id } of endlessTickets()) {
    if (seen.has(event_id)) resent++;
    seen.add(event_id);
    if (++count === 810) break;
  }
  expect(seen.size).toBe(2 * 373);
  expect(resent).toBe(2 * 32);
});
