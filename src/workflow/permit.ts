import { Failure } from "../base/failure.ts";
import { estimateTokens } from "../model/estimate.ts";
import type { Message } from "../model/port.ts";
import type { ModelName } from "../model/registry.ts";
import { takeTurn } from "../model/turn.ts";
import type { PromptSpec } from "../prompt/spec.ts";
import type { Reservation } from "./budget.ts";
import type { Frame } from "./frame.ts";

/** What a model call has to have before it is made: its turn at the model, and its share of the run's budget. */
export interface Permit {
  ticket: string;
  reservation: Reservation;
}

export interface PlannedCall {
  /** Tells the calls of one run apart. */
  id: string;
  model: ModelName;
  spec: PromptSpec;
  messages: readonly Message[];
}

/** A wait of up to so long is waited for where the step is; for a longer one the run parks. */
const MOMENT_MS = 1_000;

/**
 * Asks for a permit, and waits for the turn where it comes within a moment; else `at` says when to ask again (epoch ms), and
 * the place is kept. The share of the budget is on disk once this resolves. Throws `Failure` (`budget`); rejects with the
 * reason of `signal`.
 */
export async function permitFor(
  frame: Frame,
  call: PlannedCall,
  signal: AbortSignal,
): Promise<Permit | { at: number }> {
  const { model, spec, messages } = call;
  const estimate = estimateTokens(messages, spec.outputSchema, spec.limits.maxOutputTokens);
  const usd = await estimatedCost(frame, call, estimate);
  // What the budget refuses needs no turn.
  frame.budget.release(frame.budget.reserve(usd));
  const owner = frame.run.runId;
  const tokens = estimate.inputTokens + estimate.outputTokens;
  const turn = await takeTurn(frame.engine, { id: `${owner}\n${call.id}`, owner, model, tokens }, signal, MOMENT_MS);
  if ("at" in turn) return turn;
  try {
    const reservation = frame.budget.reserve(usd);
    if (frame.budget.limited) await frame.commit([]);
    return { ticket: turn.ticket, reservation };
  } catch (error) {
    await frame.engine.rates.giveBack(turn.ticket);
    throw error;
  }
}

/** Dollars at most; null where the price is unknown, or nobody asks. */
async function estimatedCost(
  frame: Frame,
  { model, spec }: PlannedCall,
  estimate: { inputTokens: number; outputTokens: number },
): Promise<number | null> {
  const ceiling = spec.limits.usd;
  if (frame.workflow.budget.usd === undefined && ceiling === undefined) return null;
  const { usd } = await frame.engine.models.cost(model, estimate);
  if (ceiling !== undefined && usd !== null && usd > ceiling)
    throw new Failure({
      class: "budget",
      code: "call_budget",
      message:
        `This call of ${model.provider}/${model.model} may cost $${usd.toPrecision(3)}, and ${spec.name}@${spec.version} ` +
        `allows $${ceiling} (limits.usd).`,
    });
  return usd;
}
