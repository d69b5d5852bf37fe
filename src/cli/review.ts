import type { Command } from "commander";
import { inertLine } from "../base/inert.ts";
import { isObject, parseJson } from "../base/json.ts";
import type { Json } from "../base/json.ts";
import type { Client, ServerOptions } from "./client.ts";
import { connect, withServer } from "./client.ts";
import type { OutcomeDocument, ReviewDocument, ReviewItemDocument } from "./documents.ts";
import { withExamples } from "./examples.ts";
import { EXIT, Exit } from "./exit.ts";
import type { Io } from "./io.ts";
import type { Column } from "./print.ts";
import { age, printJson, printLines, shortTime, table } from "./print.ts";
import { itemLines, outcomeLines } from "./review-screen.ts";
import { withValues } from "./set-values.ts";
import { readText } from "./trigger.ts";

type ListOptions = ServerOptions & { status: string; workflow?: string; team?: string; run?: string; limit: string };
type NextOptions = ServerOptions & { workflow?: string; team?: string; why?: string; skip?: string[] };
type AnswerOptions = ServerOptions & {
  reason?: string;
  set?: string[];
  output?: string;
  yes?: boolean;
  preview?: boolean;
};

/** What the server's `decide` and `preview` take. */
interface Action {
  [name: string]: Json;
  action: "approve" | "correct" | "reject";
}

export function define(command: Command, io: Io): void {
  const listing = withServer(command.command("list").description("the queue: by priority, then the oldest first"))
    .option("--status <status>", "open, answered, expired, withdrawn or any", "open")
    .option("--workflow <name>", "of this workflow")
    .option("--team <name>", "for this team")
    .option("--run <run>", "of this run")
    .option("--limit <count>", "at most this many", "20");
  withExamples(listing, [["sluice review list --team support", "what waits for support"]]).action(
    (options: ListOptions) => list(options, io),
  );
  const next = withServer(command.command("next").description("claim the one to look at next, and show it"))
    .option("--workflow <name>", "of this workflow")
    .option("--team <name>", "for this team")
    .option("--why <code>", "opened for this reason, such as low_confidence")
    .option("--skip <review...>", "leave these out");
  withExamples(next, [
    ["sluice review next --team support", "yours if you hold one, else the first that is free"],
  ]).action((options: NextOptions) => showNext(options, io));
  withExamples(
    withServer(
      command.command("show <review>").description("everything to judge it by: event, proposal, decision, writes"),
    ),
    [["sluice review show rev_01k…", "a run's id does as well"]],
  ).action((review: string, options: ServerOptions) => show(review, options, io));
  for (const [verb, what] of [
    ["claim", "reserve a review; the claim lapses by itself"],
    ["unclaim", "give it back"],
  ] as const)
    // prettier-ignore
    withExamples(withServer(command.command(`${verb} <review>`).description(what)), [[`sluice review ${verb} rev_01k…`, what]]).action(
      (review: string, options: ServerOptions) => claim(verb, review, options, io),
    );
  defineAnswers(command, io);
}

function defineAnswers(command: Command, io: Io): void {
  const answering = (name: string, what: string): Command =>
    withServer(command.command(`${name} <review>`).description(what))
      .option("--yes", "do not ask")
      .option("--preview", "show what would follow, and end");
  withExamples(
    answering("approve", "let the proposal stand").option(
      "--reason <text>",
      "why; required to override a rule that does not hold",
    ),
    [
      ["sluice review approve rev_01k…", "shows the writes, asks, then sends the run on"],
      ['sluice review approve rev_01k… --reason "…"', "overrides a rule that does not hold"],
    ],
  ).action((review: string, options: AnswerOptions) => answer("approve", review, options, io));
  const correcting = answering("correct", "replace the prompt's output; the run is recomputed over it")
    .option("--set <field=value...>", "one field of the output; may be repeated")
    .option("--output <file>", 'the whole output as JSON; "-" reads standard input')
    .requiredOption("--reason <text>", "why: it becomes part of the test case");
  withExamples(correcting, [
    ['sluice review correct rev_01k… --set category=account --set urgency=low --reason "…"', "two fields"],
    ['sluice review correct rev_01k… --output fixed.json --reason "…" --preview', "what would it lead to?"],
  ]).action((review: string, options: AnswerOptions) => answer("correct", review, options, io));
  withExamples(answering("reject", "end the run without a decision applied").option("--reason <text>", "why"), [
    ['sluice review reject rev_01k… --reason "spam"', "no writes happen"],
  ]).action((review: string, options: AnswerOptions) => answer("reject", review, options, io));
}

async function list(options: ListOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { status, workflow, team, run, limit } = options;
  const page = await client.get<{
    items: ReviewDocument[];
    next_cursor: string | null;
  }>("/v1/reviews", { status, workflow, team, run_id: run, limit });
  if (options.json === true) return printJson(io, page);
  if (page.items.length === 0) return printLines(io, ["No review matches."]);
  const columns = listed(page.items, io.width);
  const rows = page.items.map((each) => columns.map(({ cell }) => cell(each)));
  printLines(io, table(io, columns, rows));
  if (page.next_cursor !== null) printLines(io, ["There are more: raise --limit."]);
}

interface ListColumn extends Column {
  cell(review: ReviewDocument): string;
}

/** Less than this is no reason any more. */
const WHY_MIN = 24;

/** What the queue shows in `width` columns: an id is never cut, so the run's is left out where it takes the reason's room. */
function listed(items: readonly ReviewDocument[], width: number): ListColumn[] {
  const columns: ListColumn[] = [
    { title: "REVIEW", cell: (each) => each.review_id },
    { title: "RUN", cell: (each) => each.run_id },
    { title: "WORKFLOW", cell: (each) => each.workflow },
    { title: "WHY", grows: true, cell: (each) => `${each.why}: ${each.reason}` },
    { title: "TEAM", cell: (each) => each.team ?? "" },
    { title: "STATUS", cell: (each) => each.status },
    { title: "CLAIMED BY", cell: (each) => each.claimed_by ?? "" },
    { title: "AGE", right: true, cell: (each) => age(each.created_at) },
  ];
  const told: Record<string, boolean> = {
    STATUS: new Set(items.map(({ status }) => status)).size > 1,
    "CLAIMED BY": items.some(({ claimed_by: by }) => by !== null),
  };
  const filled = columns.filter(({ title }) => told[title] ?? true);
  const fixed = filled
    .filter(({ grows }) => grows !== true)
    .map(({ title, cell }) => 2 + Math.max(title.length, ...items.map((each) => cell(each).length)));
  const room = width - fixed.reduce((sum, each) => sum + each, 0);
  return room < WHY_MIN ? filled.filter(({ title }) => title !== "RUN") : filled;
}

async function show(given: string, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const item = await itemOf(client, await reviewIdOf(client, given));
  if (options.json === true) printJson(io, item);
  else printLines(io, itemLines(item, io));
}

async function showNext(options: NextOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const { workflow, team, why, skip } = options;
  const claimed = await client.post<{ review: ReviewDocument } | null>("/v1/reviews/next", {
    workflow,
    team,
    why,
    skip,
  });
  const item = claimed === null ? null : await itemOf(client, claimed.review.review_id);
  if (options.json === true) printJson(io, item);
  else printLines(io, item === null ? ["No review waits for you."] : itemLines(item, io));
}

async function claim(verb: "claim" | "unclaim", given: string, options: ServerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const reviewId = await reviewIdOf(client, given);
  const { review } = await client.post<{ review: ReviewDocument }>(`${pathOf(reviewId)}/${verb}`);
  if (options.json === true) return printJson(io, { review });
  const until = review.claim_until === null ? "" : ` until ${shortTime(review.claim_until)}`;
  printLines(
    io,
    [verb === "claim" ? `${reviewId} is yours${until}.` : `${reviewId} is back in the queue.`].map(inertLine),
  );
}

async function answer(verb: Action["action"], given: string, options: AnswerOptions, io: Io): Promise<void> {
  const client = await connect(options, io);
  const reviewId = await reviewIdOf(client, given);
  const action = await actionOf(verb, client, reviewId, options, io);
  if (verb === "approve" && options.preview !== true) await assertReason(client, reviewId, options);
  const { outcome } = await client.post<{ outcome: OutcomeDocument | null }>(`${pathOf(reviewId)}/preview`, action);
  if (options.preview === true && options.json === true) return printJson(io, { outcome });
  if (options.json !== true) printLines(io, outcomeLines(verb, outcome, io));
  if (options.preview === true) return;
  if (options.yes !== true) await confirm(verb, options, io);
  const hash = outcome === null ? {} : { outcome_hash: outcome.outcome_hash };
  const answered = await client.post<{ review: ReviewDocument }>(`${pathOf(reviewId)}/decide`, { ...action, ...hash });
  if (options.json === true) printJson(io, answered);
  else printLines(io, [`${DONE[verb]} Follow it: sluice runs show ${answered.review.run_id}`]);
}

/** Asked for before anybody has to say yes. */
async function assertReason(client: Client, reviewId: string, { reason = "" }: AnswerOptions): Promise<void> {
  if (reason.trim() !== "") return;
  const { review, approval } = await itemOf(client, reviewId);
  if (review.status !== "open" || approval !== "needs_reason") return;
  const rule = inertLine(review.step.replace(/^@review:/, ""));
  throw new Exit(
    EXIT.wrongUse,
    `Approving overrides the rule "${rule}", which does not hold: say why with --reason "…".`,
  );
}

const DONE = {
  approve: "Approved; the run goes on.",
  correct: "Corrected; the run goes on over the new output.",
  reject: "Rejected; the run ends without a write.",
} as const;

/** The answer is bound to what was shown: the person has to say yes to it, here or beforehand. */
async function confirm(verb: string, options: AnswerOptions, io: Io): Promise<void> {
  if (!io.interactive || options.json === true)
    throw new Exit(EXIT.wrongUse, `Nobody can be asked here. Add --yes to ${verb}, or --preview to only look.`);
  const said = await io.ask(`${verb} with this outcome? [y/N] `);
  if (!/^y(es)?$/i.test(said.trim())) throw new Exit(EXIT.failed, "Nothing was submitted.");
}

async function actionOf(
  verb: Action["action"],
  client: Client,
  reviewId: string,
  options: AnswerOptions,
  io: Io,
): Promise<Action> {
  const reason: { correction_reason?: string } =
    options.reason === undefined ? {} : { correction_reason: options.reason };
  if (verb !== "correct") return { action: verb, ...reason };
  if (options.output === undefined && options.set === undefined)
    throw new Exit(
      EXIT.wrongUse,
      "Say what is right: --set field=value for single fields, or --output for the whole output.",
    );
  const item = await itemOf(client, reviewId);
  // Single fields are set in what was proposed; where that is not valid, in what can be read of it.
  const start = item.approval === "impossible" ? (isObject(item.draft) ? item.draft : {}) : item.proposal;
  const whole = options.output === undefined ? start : await jsonFrom(options.output, io);
  return { action: verb, corrected_output: withValues(whole, options.set ?? [], item.output_schema), ...reason };
}

async function jsonFrom(file: string, io: Io): Promise<Json> {
  const text = await readText(file, io);
  try {
    return parseJson(text);
  } catch {
    throw new Exit(EXIT.wrongUse, `${file === "-" ? "Standard input" : file} is not JSON.`);
  }
}

function pathOf(reviewId: string): string {
  return `/v1/reviews/${encodeURIComponent(reviewId)}`;
}

async function itemOf(client: Client, reviewId: string): Promise<ReviewItemDocument> {
  return await client.get<ReviewItemDocument>(pathOf(reviewId));
}

/** A run's id stands for its open review. */
async function reviewIdOf(client: Client, given: string): Promise<string> {
  if (!given.startsWith("run_")) return given;
  const { items } = await client.get<{ items: ReviewDocument[] }>("/v1/reviews", { run_id: given, status: "open" });
  const [only, second] = items;
  if (only === undefined)
    throw new Exit(
      EXIT.wrongUse,
      `No review of ${inertLine(given)} is open. See: sluice runs show ${inertLine(given)}`,
    );
  if (second === undefined) return only.review_id;
  const names = items.map((each) => `  ${each.review_id}  ${inertLine(each.step)}`);
  throw new Exit(
    EXIT.wrongUse,
    [`${inertLine(given)} has ${items.length} open reviews; name one:`, ...names].join("\n"),
  );
}
