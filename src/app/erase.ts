import type { Json } from "../base/json.ts";
import { TERMINAL } from "../journal/run.ts";
import type { Run } from "../journal/run.ts";
import { SYSTEM } from "../workflow/history.ts";
import { cancelRun, commandRecord } from "./commands.ts";
import { sweep } from "./retention.ts";
import type { Parts } from "./parts.ts";
import type { Actor, EraseReport, EraseRequest } from "./sluice.ts";

const PAGE = 200;
/** Of refused runs that are named. */
const NAMED = 20;

/** Destroys the keys of the runs that are meant, at once, and what is kept of the event beside its runs. */
export async function eraseRuns(parts: Parts, request: EraseRequest, actor: Actor): Promise<EraseReport> {
  const report: EraseReport = {
    dryRun: request.dryRun,
    matched: 0,
    unfinished: 0,
    erased: 0,
    cancelled: 0,
    erasedBefore: 0,
    quarantined: 0,
    keptEvents: 0,
    refused: [],
    swept: false,
  };
  // What has not ended is counted first: half an erasure would be the worst answer to a request that is refused.
  for await (const run of meant(parts, request)) count(report, run);
  await eraseBeside(parts, request, true, report);
  const counting = request.dryRun || (report.unfinished > 0 && !request.cancel);
  if (counting || report.matched + report.quarantined + report.keptEvents === 0) return report;
  const number = await parts.store.noteErasure({
    by: actor.name,
    reason: request.reason,
    asked: JSON.stringify(askedFor(request)),
    done: doneText(report, false),
  });
  for await (const run of meant(parts, request)) await eraseOne(parts, request, actor, run, report);
  await eraseBeside(parts, request, false, report);
  await parts.store.endErasure(number, doneText(report, true));
  report.swept = await sweep(parts.store, () => false);
  return report;
}

/** What is kept of an event beside its runs. */
async function eraseBeside(
  { store }: Parts,
  { eventId }: EraseRequest,
  dryRun: boolean,
  report: EraseReport,
): Promise<void> {
  if (eventId === undefined) return;
  const { quarantined, kept } = await store.eraseEvent(eventId, dryRun);
  report.quarantined = quarantined;
  report.keptEvents = kept;
}

/** `finished: false` stays where the process ended in the middle: asking for the same again erases the rest. */
function doneText(report: EraseReport, finished: boolean): string {
  return JSON.stringify({ ...report, refused: report.refused.length, finished });
}

function count(report: EraseReport, { status, originalsRemovedAt }: Run): void {
  report.matched++;
  if (originalsRemovedAt !== null) report.erasedBefore++;
  else if (!TERMINAL.includes(status)) report.unfinished++;
}

function askedFor({ runId, eventId, filter, cancel }: EraseRequest): Json {
  return JSON.parse(JSON.stringify({ runId, eventId, filter, cancel })) as Json;
}

async function eraseOne(
  parts: Parts,
  request: EraseRequest,
  actor: Actor,
  run: Run,
  report: EraseReport,
): Promise<void> {
  const { runId } = run;
  if (run.originalsRemovedAt !== null) return;
  if (!TERMINAL.includes(run.status) && (await cancelRun(parts, runId, actor, request.reason)).ok) report.cancelled++;
  const loaded = await parts.store.load(runId);
  if (loaded === null) return;
  // The reason is redacted while the run still knows what to hide.
  const record = await commandRecord(parts, loaded, SYSTEM.erase, actor, request.reason);
  const outcome = await parts.store.eraseRun(runId, record);
  parts.engine.recent.take(runId);
  if (outcome === "erased") report.erased++;
  else if (outcome === "removed") report.erasedBefore++;
  else if (report.refused.length < NAMED)
    report.refused.push({ runId, why: outcome === "unfinished" ? "it has not ended" : "there is no such run" });
  parts.events.changed(runId);
}

/** The runs that are meant, page by page. */
async function* meant({ store }: Parts, { runId, eventId, filter }: EraseRequest): AsyncGenerator<Run> {
  const run = runId === undefined ? null : await store.run(runId);
  if (run !== null) yield run;
  if (eventId !== undefined) yield* await store.runsOfEventId(eventId);
  if (filter === undefined) return;
  let cursor: string | undefined;
  do {
    const page = await store.list(filter, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}
