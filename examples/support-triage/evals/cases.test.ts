import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "evals/support_ticket_classifier_regression");

interface Text {
  subject: string;
  body: string;
}

interface Case {
  id: string;
  input: { ticket: Text & { channel: string; language: string }; customer: { plan: string; arr: number } };
  expected: { category: string; urgency: string };
  tags: string[];
}

function jsonLines<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as T);
}

const suite = parse(readFileSync(join(folder, "suite.yaml"), "utf8")) as { datasets: { file: string; kind: string }[] };
const cases = suite.datasets.flatMap(({ file }) => jsonLines<Case>(join(folder, file)));
const escalations = cases.filter(({ expected }) => expected.category === "billing" && expected.urgency === "high");

/** What is left of a text without case, punctuation and spacing. */
function plain({ subject, body }: Text): string {
  return `${subject} ${body}`
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function distinct(values: readonly string[]): number {
  return new Set(values).size;
}

test("there are at least 1,000 cases over the five kinds, every file of cases is in the suite, and all are marked synthetic", () => {
  expect(cases.length).toBeGreaterThanOrEqual(1_000);
  expect(distinct(suite.datasets.map(({ kind }) => kind))).toBe(5);
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  expect(suite.datasets.map(({ file }) => file).sort()).toEqual(files.sort());
  expect(cases.filter(({ tags }) => !tags.includes("synthetic"))).toEqual([]);
});

test("at least 320 are billing escalations, enough to tell 98 % from less, and a tag marks exactly these", () => {
  expect(escalations.length).toBeGreaterThanOrEqual(320);
  const tagged = cases.filter(({ tags }) => tags.includes("billing-escalation"));
  expect(tagged.map(({ id }) => id)).toEqual(escalations.map(({ id }) => id));
});

test("the escalations come in many languages, by every channel and from every plan", () => {
  expect(distinct(escalations.map(({ input }) => input.ticket.language))).toBeGreaterThanOrEqual(15);
  expect(distinct(escalations.map(({ input }) => input.ticket.channel))).toBe(5);
  expect(distinct(escalations.map(({ input }) => input.customer.plan))).toBe(5);
});

test("every case has a text and an id of its own", () => {
  expect(distinct(cases.map(({ id }) => id))).toBe(cases.length);
  // "?" and "..." have nothing left to compare but themselves.
  const texts = cases.map(({ input: { ticket } }) => plain(ticket) || `${ticket.subject}\n${ticket.body}`);
  expect(distinct(texts)).toBe(cases.length);
});

test("no text is another one with a few words or the numbers changed", () => {
  const seen = new Map<string, string>();
  const kin: [string, string][] = [];
  for (const { id, input } of cases) {
    const words = plain(input.ticket).replaceAll(/\d+/g, "#").split(" ");
    // Eight words in a row in common, and it is no longer a text of its own.
    for (let i = 0; i + 8 <= words.length; i++) {
      const run = words.slice(i, i + 8).join(" ");
      const other = seen.get(run);
      if (other !== undefined && other !== id && !isLog(run)) kin.push([other, id]);
      seen.set(run, id);
    }
  }
  expect(kin).toEqual([]);
});

/** Lines of pasted logs and statements resemble each other. */
function isLog(run: string): boolean {
  return run.split("#").length > 3;
}

test("a customer on the free plan brings no revenue, the others some", () => {
  const off = cases.filter(({ input: { customer } }) => (customer.plan === "free") !== (customer.arr === 0));
  expect(off.map(({ id }) => id).filter((id) => /^(escalation|golden|negative)_/.test(id))).toEqual([]);
});

test("beyond the cases drawn from the stream, none is a ticket of the demo or an example of a prompt", () => {
  const tickets = jsonLines<{ ticket: Text }>(join(root, "tickets/tickets.jsonl")).map(({ ticket }) => plain(ticket));
  const examples = promptFiles().flatMap(
    (file) => (parse(readFileSync(file, "utf8")) as { examples?: { input: { ticket: Text } }[] }).examples ?? [],
  );
  const known = new Set([...tickets, ...examples.map(({ input }) => plain(input.ticket))]);
  const own = cases.filter(({ id }) => !id.startsWith("case_"));
  expect(own.length).toBeGreaterThanOrEqual(790);
  expect(own.filter(({ input }) => known.has(plain(input.ticket))).map(({ id }) => id)).toEqual([]);
});

function promptFiles(): string[] {
  const prompts = join(root, "prompts/support_ticket_classifier");
  return readdirSync(prompts)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(prompts, name));
}
