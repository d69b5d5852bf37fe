import { UsageError } from "../base/failure.ts";
import { newId } from "../base/id.ts";
import type { Json } from "../base/json.ts";
import { STAGES } from "../base/stage.ts";
import { didYouMean } from "../base/suggest.ts";
import type { ControlRow } from "../journal/ports.ts";
import { differencesOf } from "../release/differences.ts";
import { AUTOMATIC, gate, samePerson } from "../release/gate.ts";
import type { Gated } from "../release/gate.ts";
import type { Difference, ReleaseChange } from "../release/change.ts";
import { knownGood } from "../release/known-good.ts";
import type { KnownGood } from "../release/known-good.ts";
import type { ReleaseRow } from "../release/ports.ts";
import type { NewProposal, Proposal } from "../release/proposal.ts";
import { readRelease } from "../release/release.ts";
import type { Release } from "../release/release.ts";
import { SERVING_SILENT_MS } from "../release/serving.ts";
import type { ProjectWorkflow } from "./load-code.ts";
import type { Parts } from "./parts.ts";
import { releaseOf } from "./release-acts.ts";
import { gateContext, modelNamer, offeredBy } from "./release-context.ts";
import { nextRelease } from "./release-record.ts";
import type { Grounds } from "./release-record.ts";
import type {
  PlannedRelease,
  PublishedRelease,
  ReleaseAct,
  ReleaseOutcome,
  ReleaseRequest,
  Releasing,
} from "./releasing.ts";
import type { Actor } from "./actor.ts";

/** How often a change that only lowers is tried again on what somebody else has made of the release meanwhile. */
const TRIES = 20;

/** A plan with all it was made of. */
interface Planned extends PlannedRelease {
  control: ControlRow;
  gated: Gated;
}

/** The one way by which releases change: every act becomes a next release, and every raise of it goes through the gate. */
export class ReleaseDesk implements Releasing {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async presentReleases(): Promise<PublishedRelease[]> {
    const controls = await this.#parts.store.controls();
    return await Promise.all(controls.map(({ workflow }) => this.presentRelease(workflow)));
  }

  async presentRelease(workflow: string): Promise<PublishedRelease> {
    return (await this.#history(workflow)).at(-1) as PublishedRelease;
  }

  evidenceOf({ evidence }: Release): ReturnType<Releasing["evidenceOf"]> {
    return this.#parts.store.evidenceById(evidence);
  }

  async history(workflow: string): ReturnType<Releasing["history"]> {
    const history = await this.#history(workflow);
    const modelName = modelNamer(this.#parts.engine.models);
    return history
      .map((release, index) => {
        const before = history[index - 1];
        if (before === undefined) return { release, differences: [] };
        const earlier = history.slice(0, index);
        const known = knownGood(earlier, { present: before, next: release }, modelName);
        return { release, differences: differencesOf(before, release, wentBack(before, release) ? known : undefined) };
      })
      .toReversed();
  }

  async served(workflow: string): ReturnType<Releasing["served"]> {
    const { store, engine } = this.#parts;
    const { number: inForce } = await this.presentRelease(workflow);
    const live = await store.serving(engine.clock.now() - SERVING_SILENT_MS);
    const workers = live.flatMap(({ worker, host, pid, seenAt, serves }) =>
      serves
        .filter((each) => each.workflow === workflow)
        .map(({ release, since }) => ({ worker, host, pid, release, since, seenAt })),
    );
    return { inForce, workers };
  }

  async possibleRaises(workflow: string, actor: Actor): ReturnType<Releasing["possibleRaises"]> {
    const { stage, share } = await this.presentRelease(workflow);
    // What is not served here any more can only be looked at.
    if (!this.#parts.project.workflows.has(workflow)) return [];
    const above = STAGES[STAGES.indexOf(stage) + 1];
    const changes: { what: string; to: Json; change: ReleaseChange }[] = [
      ...(above === undefined ? [] : [{ what: "stage", to: above, change: { stage: above } }]),
      ...(share === 1 ? [] : [{ what: "share", to: 1, change: { share: 1 } }]),
    ];
    const planned = changes.map(async ({ what, to, change }) => {
      const { outcome } = await this.#plan(workflow, { act: "promote", change }, actor);
      return outcome === "nothing" ? [] : [{ what, to, outcome }];
    });
    return (await Promise.all(planned)).flat();
  }

  async plan(workflow: string, act: ReleaseAct, actor: Actor): Promise<PlannedRelease> {
    const { present, next, differences, requirements, outcome } = await this.#plan(workflow, act, actor);
    return { present, next, differences, requirements, outcome };
  }

  async change(workflow: string, act: ReleaseAct, request: ReleaseRequest, actor: Actor): Promise<ReleaseOutcome> {
    for (let tries = 1; ; tries++) {
      const planned = await this.#plan(workflow, act, actor);
      const moved = await this.#movedSince(planned.present, request.expectedRelease);
      if (moved !== null) return moved;
      const settled = settle(planned, request, actor);
      if (settled === "refused") return { outcome: "gate_closed", plan: planned };
      if (settled === "nothing") return { outcome: "nothing", release: planned.present };
      const done =
        settled === "propose"
          ? await this.#propose(planned, request, actor)
          : await this.#publish(planned, { actor: actor.name, reason: request.reason, ...settled });
      if (done !== null) return done;
      // Lowering goes on from what there is now. A raise was looked at on the release that was there before.
      const lowers = planned.differences.every(({ direction }) => direction !== "raise");
      if (!lowers || tries === TRIES) return await this.#moved(planned.present);
    }
  }

  proposals(workflow: string): Promise<Proposal[]> {
    return this.#history(workflow).then(() => this.#parts.store.proposals(workflow));
  }

  async approve(workflow: string, proposalId: string, reason: string, actor: Actor): Promise<ReleaseOutcome> {
    const proposal = await this.#open(workflow, proposalId);
    if (samePerson(proposal.by, actor.name))
      throw new UsageError("same_person", `${proposal.by} proposed this: somebody else has to agree.`, { status: 409 });
    if (samePerson(actor.name, AUTOMATIC))
      throw new UsageError("same_person", "The automatic actor agrees to nothing: a person has to.", { status: 409 });
    const control = await this.#control(workflow);
    const present = await this.presentRelease(workflow);
    if (control.release !== proposal.base) return await this.#moved(present, proposal.base);
    const { next, differences } = proposal;
    const people = { actor: proposal.by, agreed: actor.name };
    const gated = gate(next, differences, await gateContext(this.#parts, this.#deployed(workflow), next, people));
    const unmet = gated.requirements.filter(({ met }) => !met);
    const foreseen = proposal.override ? proposal.missing.map(({ message }) => message) : [];
    const planned: Planned = {
      present,
      next,
      differences,
      control,
      gated,
      requirements: gated.requirements,
      outcome: "refused",
    };
    if (unmet.some(({ message }) => !foreseen.includes(message))) return { outcome: "gate_closed", plan: planned };
    const missing = unmet.map(({ code, message }) => ({ code, message }));
    const override = missing.length === 0 ? null : { missing, reason: proposal.reason, solo: false };
    const approvals = [{ by: actor.name, at: this.#parts.engine.clock.now(), reason }];
    const grounds = { actor: proposal.by, reason: proposal.reason, override, approvals };
    const done = await this.#publish(planned, grounds, { proposalId, by: actor.name, reason });
    if (done !== null) return done;
    // Somebody else closed it, or released something else.
    await this.#open(workflow, proposalId);
    return await this.#moved(present);
  }

  async reject(workflow: string, proposalId: string, reason: string, actor: Actor): Promise<Proposal> {
    await this.#open(workflow, proposalId);
    const rejected = await this.#parts.store.rejectProposal({ proposalId, by: actor.name, reason });
    if (rejected?.state !== "rejected" || rejected.closedReason !== reason || rejected.closedBy !== actor.name)
      throw closed(rejected as Proposal);
    return rejected;
  }

  async #open(workflow: string, proposalId: string): Promise<Proposal> {
    const proposal = await this.#parts.store.proposal(proposalId);
    if (proposal === null || proposal.workflow !== workflow) {
      const open = (await this.proposals(workflow)).filter(({ state }) => state === "open");
      const known = didYouMean(proposalId, open.map((each) => each.proposalId)); // prettier-ignore
      throw new UsageError(
        "unknown_proposal",
        `There is no proposal "${proposalId}" of ${workflow}. ${known}`.trimEnd(),
        {
          status: 404,
        },
      );
    }
    if (proposal.state !== "open") throw closed(proposal);
    return proposal;
  }

  async #plan(workflow: string, act: ReleaseAct, actor: Actor): Promise<Planned> {
    const found = this.#deployed(workflow);
    const control = await this.#control(workflow);
    // Read after it: a release that came in between is refused when this one is published.
    const history = (await this.#history(workflow)).filter(({ number }) => number <= control.release);
    const present = history.at(-1) as PublishedRelease;
    const offered = offeredBy(this.#parts, found);
    const modelName = modelNamer(this.#parts.engine.models);
    const known = (next: Release): KnownGood => knownGood(history, { present, next }, modelName);
    const next = releaseOf(act, { present, history, offered, known });
    const differences = differencesOf(present, next, act.act === "rollback" ? known(next) : undefined);
    if (act.act === "demote") assertLowers(differences);
    const context = await gateContext(this.#parts, found, next, { actor: actor.name, agreed: null });
    const gated = gate(next, differences, context);
    const { requirements } = gated;
    const outcome = outcomeOf(differences, gated);
    return { present, next, differences, requirements, outcome, control, gated };
  }

  /** Null where somebody else was first. */
  async #publish(
    planned: Planned,
    grounds: Grounds,
    agreed?: { proposalId: string; by: string; reason: string },
  ): Promise<ReleaseOutcome | null> {
    const { store, engine, serving } = this.#parts;
    const { control, gated, differences, present } = planned;
    const carried = await store.evidenceById(present.evidence);
    const release = nextRelease(planned, carried, { ...gated, ...grounds });
    const createdAt = engine.clock.now();
    const row = { workflow: release.workflow, number: release.number, body: JSON.stringify(release), createdAt };
    if (!(await store.publish(row, control.version, agreed))) return null;
    await serving.refresh();
    engine.log("info", "A release was published.", {
      workflow: release.workflow,
      release: release.number,
      by: release.createdBy,
      reason: release.reason,
      changed: differences.map(({ what, direction }) => `${what} (${direction})`),
    });
    return { outcome: "released", release: { ...release, createdAt }, differences };
  }

  async #propose(planned: Planned, request: ReleaseRequest, actor: Actor): Promise<ReleaseOutcome | null> {
    const { present, next, differences, gated } = planned;
    const missing = gated.requirements.filter(({ met }) => !met).map(({ code, message }) => ({ code, message }));
    const given: NewProposal = {
      proposalId: newId("prp"),
      workflow: present.workflow,
      base: present.number,
      next,
      differences,
      missing,
      override: missing.some(({ code }) => code !== "second_person"),
      by: actor.name,
      reason: request.reason,
    };
    if (!(await this.#parts.store.propose(given))) return null;
    const proposal = await this.#parts.store.proposal(given.proposalId);
    return { outcome: "proposed", proposal: proposal as Proposal };
  }

  async #movedSince(present: PublishedRelease, expected: number | undefined): Promise<ReleaseOutcome | null> {
    return expected === undefined || expected === present.number ? null : await this.#moved(present, expected);
  }

  /** What became of the release since one that somebody has seen. */
  async #moved(seen: PublishedRelease, expected: number = seen.number): Promise<ReleaseOutcome> {
    const history = await this.#history(seen.workflow);
    const present = history.at(-1) as PublishedRelease;
    const before = history.find(({ number }) => number === expected);
    const differences = before === undefined ? [] : differencesOf(before, present);
    return { outcome: "release_moved", expected, present, differences };
  }

  #deployed(name: string): ProjectWorkflow {
    const found = this.#parts.project.workflows.get(name);
    if (found === undefined) throw unknownWorkflow(name, this.#parts.project.workflows.keys());
    return found;
  }

  async #control(workflow: string): Promise<ControlRow> {
    const control = await this.#parts.store.control(workflow);
    if (control === null) throw unknownWorkflow(workflow, this.#parts.project.workflows.keys());
    return control;
  }

  /** Oldest first; never empty. */
  async #history(workflow: string): Promise<PublishedRelease[]> {
    const rows = await this.#parts.store.releases(workflow);
    if (rows.length === 0) {
      const known = (await this.#parts.store.controls()).map((each) => each.workflow);
      throw unknownWorkflow(workflow, known);
    }
    return rows.map(published);
  }
}

function published({ body, createdAt }: ReleaseRow): PublishedRelease {
  return { ...readRelease(body), createdAt };
}

/**
 * What asking for it would lead to. A development release is made of the files without the gate; what is asked for by command
 * goes through it all the same, so that nobody learns in development what production will not do.
 */
function outcomeOf(differences: readonly Difference[], { requirements }: Gated): PlannedRelease["outcome"] {
  if (differences.length === 0) return "nothing";
  const unmet = requirements.filter(({ met }) => !met);
  if (unmet.length === 0) return "release";
  return unmet.every(({ code }) => code === "second_person") ? "proposal" : "refused";
}

type Settled = "refused" | "nothing" | "propose" | Pick<Grounds, "override" | "approvals">;

function settle({ outcome, gated }: Planned, { reason, override, solo }: ReleaseRequest, { name }: Actor): Settled {
  if (outcome === "nothing") return "nothing";
  if (outcome === "release") return { override: null, approvals: [] };
  // The automatic actor forces nothing.
  if ((outcome === "refused" && override !== true) || samePerson(name, AUTOMATIC)) return "refused";
  if (solo !== true) return "propose";
  const missing = gated.requirements.filter(({ met }) => !met).map(({ code, message }) => ({ code, message }));
  const alone = { code: "second_person", message: "Nobody else has agreed: there was one person only." };
  const all = missing.some(({ code }) => code === "second_person") ? missing : [...missing, alone];
  return { override: { missing: all, reason, solo: true }, approvals: [] };
}

function assertLowers(differences: readonly Difference[]): void {
  const raises = differences.filter(({ direction }) => direction === "raise").map(({ what }) => what);
  if (raises.length === 0) return;
  const message = `This would raise ${raises.join(", ")}, or cannot be shown not to. That is a promotion: sluice release promote.`;
  throw new UsageError("not_a_lowering", message, { status: 409 });
}

function closed({ proposalId, state, closedBy, closedReason, release }: Proposal): UsageError {
  const how =
    state === "lapsed"
      ? "has lapsed: another release came before anybody had agreed. Propose it anew"
      : `was ${state} by ${closedBy ?? ""}${state === "approved" ? `, as release ${release ?? ""}` : `: ${closedReason ?? ""}`}`;
  return new UsageError("proposal_closed", `The proposal ${proposalId} ${how}.`, { status: 409 });
}

function unknownWorkflow(name: string, known: Iterable<string>): UsageError {
  const message = `There is no workflow ${JSON.stringify(name)}. ${didYouMean(name, known)}`;
  return new UsageError("unknown_workflow", message.trimEnd(), { status: 404 });
}

/** Only a rollback withdraws what served; what it goes back to raises nothing, as it was said when it was made. */
function wentBack(before: Release, release: Release): boolean {
  const earlier = before.withdrawn ?? [];
  return (release.withdrawn ?? []).some(
    ({ hash, model }) => !earlier.some((each) => each.hash === hash && each.model === model),
  );
}
