import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Api, Run, TraceStep } from "./api.ts";
import type { Harness } from "./harness.ts";
import { searchFor, secretsOf } from "./stream.ts";

/** What is left after all the kills, compared from outside. Empty lists where all of it holds. */
export interface Verdict {
  runs: number;
  escalations: number;
  /** Accepted events without their run. */
  lost: string[];
  /** Effects or steps that happened twice. */
  doubled: string[];
  /** Runs that have not ended, or ended for want of a worker. */
  stuck: string[];
  /** Chain, disk, answers. */
  wrong: string[];
}

const ENDED = ["completed", "dead", "stopped", "cancelled"];
const READERS = 8;

export async function verify(harness: Harness, api: Api): Promise<Verdict> {
  const runs = await api.all<Run>("/v1/runs");
  const traces = await tracesOf(api, runs);
  const desk = await deskOf(harness);
  const audit = await api.get<{ ok: boolean; problems: string[] }>("/v1/audit/verify");
  const chain = audit.ok ? [] : audit.problems.map((problem) => `audit: ${problem}`);
  return {
    runs: runs.length,
    escalations: desk.created.length,
    lost: lostOf(harness, runs),
    doubled: [...doubledRuns(runs), ...doubledEffects(desk, traces), ...doubledCalls(harness, runs, traces)],
    stuck: stuckOf(runs),
    wrong: [...harness.wrong, ...chain, ...(await shownOnDisk(harness))],
  };
}

async function tracesOf(api: Api, runs: readonly Run[]): Promise<Map<string, TraceStep[]>> {
  const traces = new Map<string, TraceStep[]>();
  const next = runs.values();
  const reader = async (): Promise<void> => {
    for (const { run_id } of next) traces.set(run_id, await api.get<TraceStep[]>(`/v1/runs/${run_id}/trace`));
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  return traces;
}

function lostOf({ accepted }: Harness, runs: readonly Run[]): string[] {
  const known = new Map(runs.map(({ run_id, event_id }) => [run_id, event_id]));
  return [...accepted].filter(([event, run]) => known.get(run) !== event).map(([event]) => `${event} has no run`);
}

function doubledRuns(runs: readonly Run[]): string[] {
  const counts = Map.groupBy(runs, ({ event_id }) => event_id);
  return [...counts].filter(([, of]) => of.length > 1).map(([event, of]) => `${event} has ${of.length} runs`);
}

function stuckOf(runs: readonly Run[]): string[] {
  return runs
    .filter(({ status, failure }) => !ENDED.includes(status) || failure?.class === "poison" || failure?.class === "bug")
    .map(
      ({ run_id, status, waiting_for, failure }) =>
        `${run_id} is ${status} ${waiting_for ?? ""} ${failure?.message ?? ""}`,
    );
}

interface DeskLog {
  created: { key: string; ticket_id: string }[];
  requests: Map<string, number>;
  conflicts: string[];
}

/** The desk's own file: every request it received, whether or not its answer reached anybody. */
async function deskOf({ folder }: Harness): Promise<DeskLog> {
  const text = await readFile(join(folder, "effects.jsonl"), "utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const requests = new Map<string, number>();
  for (const { key } of lines) requests.set(key, (requests.get(key) ?? 0) + 1);
  const conflicts = lines.filter(({ outcome }) => outcome === "conflict").map(({ key }) => key);
  return { created: lines.filter(({ outcome }) => outcome === "created"), requests, conflicts };
}

interface Line {
  key: string;
  ticket_id: string;
  outcome: string;
}

/** The desk's effects and the settled writes are the same, one to one; no ticket has two of a kind. */
function doubledEffects({ created, requests, conflicts }: DeskLog, traces: Map<string, TraceStep[]>): string[] {
  const settled = [...traces.values()].flat().filter(({ phase }) => phase === "settle").map(({ idempotency_key: key }) => key as string); // prettier-ignore
  const keys = created.map(({ key }) => key);
  const all = new Set([...keys, ...settled]);
  const once = (list: readonly string[], what: string): string[] =>
    [...all].flatMap((key) => {
      const count = list.filter((one) => one === key).length;
      return count === 1 ? [] : [`${key} was ${what} ${count} times`];
    });
  const perTicket = Map.groupBy(created, ({ key, ticket_id }) => `${ticket_id} ${key.split("/")[1] ?? ""}`);
  return [
    ...once(keys, "carried out"),
    ...once(settled, "settled"),
    ...[...perTicket].filter(([, of]) => of.length > 1).map(([what]) => `${what} happened twice`),
    ...conflicts.map((key) => `${key} was sent with two bodies`),
    // A call may have been cut off by a kill more than once; each time it is repeated under its key.
    ...[...requests].filter(([, count]) => count > 3).map(([key, count]) => `${key} was sent ${count} times`),
  ];
}

/** Once an answer is on record, the model is not asked for it again: its server has seen no later request. */
function doubledCalls({ model, sent }: Harness, runs: readonly Run[], traces: Map<string, TraceStep[]>): string[] {
  const texts = Map.groupBy(sent, ({ ticket }) => `${ticket.subject}\n\n${ticket.body}`.trim());
  const doubled: string[] = [];
  for (const { run_id, event_id } of runs) {
    const ticket = sent.find((each) => each.event_id === event_id)?.ticket;
    const text = ticket === undefined ? "" : `${ticket.subject}\n\n${ticket.body}`.trim();
    const same = new Set(texts.get(text)?.map((each) => each.event_id));
    const first = traces.get(run_id)?.find(({ type, status }) => type === "model_call" && status === "success");
    if (first === undefined || same.size !== 1) continue;
    const recorded = Date.parse(first.started_at) + first.latency_ms;
    const later = model.asked.filter((asked) => asked.ticket === text && !asked.repair && asked.at > recorded);
    if (later.length > 0) doubled.push(`${run_id}: the model was asked again after its answer was on record`);
  }
  return doubled;
}

/** Marked values found in any file of the data folder. */
export async function shownOnDisk({ dataDir, sent }: Pick<Harness, "dataDir" | "sent">): Promise<string[]> {
  const names = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const search = searchFor(secretsOf(sent));
  const shown: string[] = [];
  for (const file of names.filter((name) => name.isFile()))
    for (const text of search(await readFile(join(file.parentPath, file.name))))
      shown.push(`${file.name} shows "${text}"`);
  return shown;
}
