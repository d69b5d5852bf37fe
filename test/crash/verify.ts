import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SYSTEM } from "../../src/workflow/history.ts";
import type { Aftermath } from "../../src/testing/crash/aftermath.ts";
import type { TroubledModel } from "./model.ts";
import type { DeskLine } from "./outside.ts";
import { searchFor, secretsOf, ticketsOf } from "./stream.ts";

/** Of one write: retries after what the desk answered, and calls that kills have cut off. */
const MOST_REQUESTS = 12;

/** What was done outside, as words: equal words are the same thing done. */
export function effectsOf(desk: readonly DeskLine[]): string[] {
  const created = desk.filter(({ outcome }) => outcome === "created");
  return created.map(({ key, ticket_id: ticket }) => `${ticket} ${key.split("/")[1] ?? ""}`);
}

/** The desk's effects and the settled writes are the same, one to one. */
export function unlikeTheDesk(desk: readonly DeskLine[], { traces }: Aftermath): string[] {
  const created = new Set(desk.filter(({ outcome }) => outcome === "created").map(({ key }) => key));
  const steps = [...traces.values()].flat();
  const settled = new Set(
    steps.filter(({ phase }) => phase === "settle").map(({ idempotency_key: key }) => String(key)),
  );
  const conflicts = desk.filter(({ outcome }) => outcome === "conflict");
  const requests = [...Map.groupBy(desk, ({ key }) => key)].filter(([, of]) => of.length > MOST_REQUESTS);
  return [
    ...[...created].filter((key) => !settled.has(key)).map((key) => `${key} was carried out and never settled`),
    ...[...settled].filter((key) => !created.has(key)).map((key) => `${key} was settled and never carried out`),
    ...conflicts.map(({ key }) => `${key} was sent with two bodies`),
    ...requests.map(([key, of]) => `${key} was sent ${of.length} times`),
  ];
}

/** Once an answer is on record, the model is not asked for it again: its server has seen no later request. */
export function askedAgain({ asked }: TroubledModel, { sent, runs, traces }: Aftermath): string[] {
  const tickets = new Map(ticketsOf(sent.values()).map((each) => [each.event_id, textOf(each.ticket)]));
  const events = Map.groupBy(tickets.keys(), (eventId) => tickets.get(eventId));
  const doubled: string[] = [];
  for (const { run_id: runId, event_id: eventId } of runs) {
    const text = tickets.get(eventId);
    const trace = traces.get(runId);
    const first = trace?.find(({ type, status }) => type === "model_call" && status === "success");
    if (text === undefined || first === undefined || events.get(text)?.length !== 1) continue;
    // A redrive asks anew from the step that failed, whose repair had failed for good.
    if (trace?.some(({ type, name }) => type === "override" && name === SYSTEM.redrive) === true) continue;
    const recorded = Date.parse(first.started_at) + first.latency_ms;
    const later = asked.filter((each) => each.ticket === text && !each.repair && each.at > recorded);
    if (later.length === 0) continue;
    const way = (trace ?? []).map((step) => `${step.type} ${step.status} ${step.started_at}`);
    const when = later.map(({ at }) => new Date(at).toISOString());
    doubled.push(`${runId}: the model was asked again at ${when.join(", ")}, after an answer: ${way.join("; ")}`);
  }
  return doubled;
}

function textOf({ subject, body }: { subject: string; body: string }): string {
  return `${subject}\n\n${body}`.trim();
}

/** Marked values found in any file of the data folder. */
export async function shownOnDisk({ dataDir, sent }: Pick<Aftermath, "dataDir" | "sent">): Promise<string[]> {
  const names = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const search = searchFor(secretsOf(ticketsOf(sent.values())));
  const shown: string[] = [];
  for (const file of names.filter((name) => name.isFile()))
    for (const text of search(await readFile(join(file.parentPath, file.name))))
      shown.push(`${file.name} shows "${text}"`);
  return shown;
}
