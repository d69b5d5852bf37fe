import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Ticket {
  event: string;
  event_id: string;
  created_at: string;
  ticket: { id: string; subject: string; body: string; channel: string; language: string };
  customer: { id: string; plan: string; arr: number; region: string; email?: string };
}

interface Labelled {
  category: string;
  urgency: string;
}

interface Case {
  id: string;
  input: Pick<Ticket, "ticket">;
  expected: Partial<Labelled>;
}

function jsonLines<T>(path: string): T[] {
  return textLines(path).map((line) => JSON.parse(line) as T);
}

function textLines(path: string): string[] {
  return readFileSync(join(root, path), "utf8").trimEnd().split("\n");
}

const lines = textLines("tickets/tickets.jsonl");
const tickets = [
  ...new Map(jsonLines<Ticket>("tickets/tickets.jsonl").map((event) => [event.event_id, event])).values(),
];
const labels = jsonLines<Labelled & { event_id: string }>("tickets/labels.jsonl");
const CATEGORIES = ["account", "billing", "bug", "how_to", "other", "sales"];
const URGENCIES = ["high", "low", "medium"];

/** What two texts have in common once case, punctuation and spacing are gone. */
function plain({ subject, body }: { subject: string; body: string }): string {
  return `${subject} ${body}`
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function sharedCount(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

interface Example {
  input: Pick<Ticket, "ticket">;
  output: Labelled;
}

function examplesOf(version: string): Example[] {
  const file = join(root, "prompts/support_ticket_classifier", `${version}.yaml`);
  return (parse(readFileSync(file, "utf8")) as { examples: Example[] }).examples;
}

test("there are at least 320 distinct tickets, and at least 20 re-sent byte for byte", () => {
  expect(tickets.length).toBeGreaterThanOrEqual(320);
  expect(lines.length - tickets.length).toBeGreaterThanOrEqual(20);
  expect(new Set(lines).size).toBe(tickets.length);
});

test("a re-sent ticket comes after the ticket itself, at different distances", () => {
  const first = new Map<string, number>();
  const gaps = lines.flatMap((line, at) => {
    const before = first.get(line);
    if (before === undefined) first.set(line, at);
    return before === undefined ? [] : [at - before];
  });
  expect(Math.min(...gaps)).toBe(1);
  expect(Math.max(...gaps)).toBeGreaterThan(50);
});

test("every ticket is a text of its own", () => {
  expect(new Set(tickets.map(({ ticket }) => ticket.id)).size).toBe(tickets.length);
  expect(new Set(tickets.map(({ ticket }) => plain(ticket))).size).toBeGreaterThanOrEqual(tickets.length - 3);
});

test("labels cover exactly the tickets, once each, with known words", () => {
  expect(labels.map(({ event_id }) => event_id).sort()).toEqual(tickets.map(({ event_id }) => event_id).sort());
  expect([...new Set(labels.map(({ category }) => category))].sort()).toEqual(CATEGORIES);
  expect([...new Set(labels.map(({ urgency }) => urgency))].sort()).toEqual(URGENCIES);
});

test("each category is met often, and urgent billing often enough to say something about escalation", () => {
  const counts = sharedCount(labels.map(({ category }) => category));
  for (const category of CATEGORIES) expect(counts.get(category), category).toBeGreaterThanOrEqual(30);
  const escalations = labels.filter(({ category, urgency }) => category === "billing" && urgency === "high");
  expect(escalations.length).toBeGreaterThanOrEqual(25);
});

test("about two thirds are English and the rest comes in at least ten languages", () => {
  const counts = sharedCount(tickets.map(({ ticket }) => ticket.language));
  const english = (counts.get("en") ?? 0) / tickets.length;
  expect(english).toBeGreaterThan(0.55);
  expect(english).toBeLessThan(0.75);
  expect(counts.size).toBeGreaterThanOrEqual(11);
  for (const language of ["de", "fr", "es", "pt", "it", "nl", "pl", "ja", "tr"])
    expect(counts.get(language), language).toBeGreaterThanOrEqual(5);
});

test("the awkward ones are there: empty, enormous, markup, control and direction characters, template syntax, orders to the model", () => {
  const bodies = tickets.map(({ ticket }) => ticket.body);
  const holding = (pattern: RegExp): number => bodies.filter((body) => pattern.test(body)).length;
  expect(holding(/^$/)).toBeGreaterThanOrEqual(1);
  expect(bodies.filter((body) => body.length > 20_000 && body.length < 60_000).length).toBeGreaterThanOrEqual(4);
  expect(holding(/<html>/)).toBeGreaterThanOrEqual(1);
  expect(bodies.filter((body) => body.includes("\u001b[")).length).toBeGreaterThanOrEqual(1);
  expect(holding(/\u202e/)).toBeGreaterThanOrEqual(1);
  expect(holding(/\{\{/)).toBeGreaterThanOrEqual(2);
  expect(holding(/^\s*>/m)).toBeGreaterThanOrEqual(3);
  expect(holding(/ignore all previous|system override|<system>|"confidence"/i)).toBeGreaterThanOrEqual(4);
});

test("addresses are only at the domains kept for examples", () => {
  const addresses = lines.flatMap((line) => line.match(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g) ?? []);
  expect(addresses.length).toBeGreaterThan(50);
  expect(addresses.filter((address) => !/@example\.(com|org|net)$/.test(address))).toEqual([]);
});

test("no few-shot example of a prompt is a ticket of the stream or a case of the suite", () => {
  const folder = "evals/support_ticket_classifier_regression";
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".jsonl"));
  const cases = files.flatMap((name) => jsonLines<Case>(join(folder, name)));
  const known = new Set([...tickets, ...cases.map(({ input }) => input)].map(({ ticket }) => plain(ticket)));
  for (const version of ["2026-05-20.3", "2026-05-29.1"]) {
    const examples = examplesOf(version);
    expect(examples.length).toBeGreaterThanOrEqual(10);
    expect(examples.filter(({ input }) => known.has(plain(input.ticket)))).toEqual([]);
  }
});

test("the newer prompt shows every category, and each at more than one urgency", () => {
  const pairs = new Set(examplesOf("2026-05-29.1").map(({ output }) => `${output.category} ${output.urgency}`));
  for (const category of CATEGORIES)
    expect([...pairs].filter((pair) => pair.startsWith(category)).length, category).toBeGreaterThanOrEqual(2);
});

test("cases drawn from the stream carry its labels, and no case id comes twice", () => {
  const byId = new Map(labels.map((label) => [`case_${label.event_id.slice(4)}`, label]));
  const folder = "evals/support_ticket_classifier_regression";
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".jsonl"));
  const cases = files.flatMap((name) => jsonLines<Case>(join(folder, name)));
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  const drawn = cases.filter(({ id }) => byId.has(id));
  expect(drawn.length).toBeGreaterThanOrEqual(150);
  for (const { id, expected } of drawn) expect(byId.get(id), id).toMatchObject(expected);
});
