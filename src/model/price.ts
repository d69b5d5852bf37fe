import type { Usage } from "./port.ts";

/** A price list that a user keeps: dollars per million tokens, by `provider/model`. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;

export interface ModelPrice {
  inputPerMillion: number;
  outputPerMillion: number;
  /** The price of cached input; that of other input unless given. */
  cachedInputPerMillion?: number;
  /** When the price was read, `YYYY-MM-DD`. */
  date?: string;
}

/** What a call cost, and on whose word. `usd` is null where the price or the usage is unknown: unknown is never zero. */
export interface Cost {
  usd: number | null;
  /** `own_machine` and `scripted` cost nothing by nature; `table` is the user's; `unknown` has no price. */
  source: "own_machine" | "scripted" | "table" | `genai-prices@${string}` | "unknown";
  /** The day of the price list, `YYYY-MM-DD`. */
  date: string | null;
}

export interface PriceQuestion {
  provider: string;
  model: string;
  usage: Usage | null;
  /** The name under which genai-prices knows the provider; undefined where it is none of its own. */
  pricedAs?: string | undefined;
}

/** The bundled list. Its data carries no date; this is the day the version was published. */
export const BUNDLED_PRICES: { version: string; date: string } = { version: "0.1.8", date: "2026-09-23" };

const UNKNOWN: Cost = { usd: null, source: "unknown", date: null };

/** The cost of one call: the user's table first, then the bundled list. */
export async function costOf(question: PriceQuestion, table: PriceTable = {}): Promise<Cost> {
  const { provider, model, usage, pricedAs } = question;
  const own = table[`${provider}/${model}`];
  if (own !== undefined) return fromTable(own, usage);
  if (provider === "local") return { usd: 0, source: "own_machine", date: null };
  if (provider === "scripted") return { usd: 0, source: "scripted", date: null };
  if (usage === null || pricedAs === undefined) return UNKNOWN;
  return await fromBundle(pricedAs, model, usage);
}

function fromTable(price: ModelPrice, usage: Usage | null): Cost {
  const date = price.date ?? null;
  if (usage === null) return { usd: null, source: "table", date };
  const cached = usage.cachedInputTokens ?? 0;
  const dollars =
    (usage.inputTokens - cached) * price.inputPerMillion +
    cached * (price.cachedInputPerMillion ?? price.inputPerMillion) +
    usage.outputTokens * price.outputPerMillion;
  return { usd: dollars / 1_000_000, source: "table", date };
}

async function fromBundle(pricedAs: string, model: string, usage: Usage): Promise<Cost> {
  const { calcPrice } = await import("@pydantic/genai-prices");
  const tokens = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens),
  };
  const found = calcPrice(tokens, model, { providerId: pricedAs });
  if (found === null) return UNKNOWN;
  return { usd: found.total_price, source: `genai-prices@${BUNDLED_PRICES.version}`, date: BUNDLED_PRICES.date };
}
