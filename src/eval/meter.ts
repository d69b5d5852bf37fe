import { Failure } from "../base/failure.ts";
import type { FailureInfo } from "../base/failure.ts";
import { estimateTokens } from "../model/estimate.ts";
import type { ModelReply, ModelRequest } from "../model/port.ts";
import type { Models } from "../model/registry.ts";

export const OVER_BUDGET = "eval_budget";

/**
 * What an eval run spends. A call is counted at its most before it is made, so that calls made at once cannot spend more than
 * the budget together; once one is refused, no further one is made.
 */
export class Meter {
  readonly #limit: number | null;
  #spent: number;
  #reserved = 0;
  #over: FailureInfo | null = null;

  /** `spent`: by the same run before. */
  constructor(limit: number | null, spent: number) {
    this.#limit = limit;
    this.#spent = spent;
  }

  /** Why nothing is asked any more; null: there is money left. */
  get over(): FailureInfo | null {
    return this.#over;
  }

  get limited(): boolean {
    return this.#limit !== null;
  }

  /** Throws `Failure` (`budget`). `usd`: at most; null: unknown. */
  reserve(usd: number | null): number {
    if (this.#limit === null) return 0;
    if (this.#over === null) this.#over = this.#refusal(usd);
    if (this.#over !== null) throw new Failure(this.#over);
    this.#reserved += usd ?? 0;
    return usd ?? 0;
  }

  /** The call is over: it cost so much (null: unknown, so what was reserved stays counted). */
  settle(reserved: number, usd: number | null): void {
    this.#reserved -= reserved;
    this.#spent += usd ?? reserved;
  }

  #refusal(usd: number | null): FailureInfo | null {
    const limit = this.#limit as number;
    const left = limit - this.#spent - this.#reserved;
    if (usd === null) {
      const message = "The price of a model that it asks is unknown, so the budget cannot be kept; put it into prices.";
      return { class: "budget", code: OVER_BUDGET, message };
    }
    if (usd <= left) return null;
    const message = `The budget of $${limit} does not allow another call: $${this.#spent.toPrecision(3)} is spent, and the next one may cost $${usd.toPrecision(3)}.`;
    return { class: "budget", code: OVER_BUDGET, message };
  }
}

/** The same models, on the meter. Without a limit they are used as they are. */
export function meteredModels(models: Models, meter: Meter): Models {
  if (!meter.limited) return models;
  return { ...models, call: (request) => metered(models, meter, request) };
}

async function metered(models: Models, meter: Meter, request: ModelRequest): Promise<ModelReply> {
  const { messages, outputSchema, maxOutputTokens } = request;
  const estimate = await models.cost(request, estimateTokens(messages, outputSchema, maxOutputTokens));
  const reserved = meter.reserve(estimate.usd);
  let usd: number | null = 0;
  try {
    const reply = await models.call(request);
    ({ usd } = await models.cost(request, reply.usage));
    return reply;
  } finally {
    meter.settle(reserved, usd);
  }
}
