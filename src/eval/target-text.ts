import type { Unit } from "./metrics.ts";
import type { Comparison } from "./suite.ts";

export interface Bound {
  comparison: Comparison;
  /** In the unit of the metric: a share 0 to 1, ms, US dollars, tokens. */
  bound: number;
}

export type ReadTarget = Bound | { mistake: string; fix: string };

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  ">=": ">=",
  "≥": ">=",
  ">": ">",
  "<=": "<=",
  "≤": "<=",
  "<": "<",
  "=": "=",
  "==": "=",
};

const EXAMPLES: Readonly<Record<Unit, string>> = { share: ">= 95%", ms: "< 2s", usd: "< $0.01", tokens: "<= 800" };

const TEXT = /^\s*(>=|≥|<=|≤|==|=|>|<)?\s*(\$)?\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z%$]*)\s*$/i;

/** Factors into the unit of the metric, by how the text writes it; "": no unit. */
const UNITS: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  share: { "": 1, "%": 0.01 },
  ms: { ms: 1, s: 1_000, sec: 1_000, m: 60_000, min: 60_000 },
  usd: { $: 1, usd: 1 },
  tokens: { "": 1, tokens: 1, k: 1_000 },
};

const WANTED: Readonly<Record<Unit, string>> = {
  share: "a share such as 95% or 0.95",
  ms: "a time such as 2s or 800ms",
  usd: "dollars such as $0.01",
  tokens: "a number of tokens such as 800",
};

/** Reads what a target demands: `>= 98%`, `< 2s`, `< $0.01`, `<= 800`. */
export function readTarget(text: string, unit: Unit): ReadTarget {
  const example = `Write it like "${EXAMPLES[unit]}".`;
  const parts = TEXT.exec(text);
  if (parts === null) return { mistake: `"${text}" is no target.`, fix: example };
  const [, sign, dollar, digits, suffix = ""] = parts;
  if (sign === undefined)
    return {
      mistake: `"${text}" does not say whether more or less is good.`,
      fix: `Begin it with ">=" or "<": ${example}`,
    };
  const written = dollar === undefined ? suffix.toLowerCase() : suffix === "" ? "$" : `$${suffix}`;
  const factor = Object.hasOwn(UNITS[unit], written) ? UNITS[unit][written] : undefined;
  if (factor === undefined)
    return {
      mistake: `"${text}" is not in the unit of this metric, which is measured as ${WANTED[unit]}.`,
      fix: example,
    };
  const bound = scaled(digits as string, factor);
  if (unit === "share" && bound > 1)
    return {
      mistake: `"${text}" is more than everything.`,
      fix: written === "" && Number(digits) <= 100 ? `Did you mean "${sign} ${digits}%"?` : example,
    };
  return { comparison: COMPARISONS[sign] as Comparison, bound };
}

/** 99.5% is 0.995, and not what 99.5 * 0.01 comes to in binary. */
function scaled(digits: string, factor: number): number {
  return factor < 1 ? Number((Number(digits) * factor).toPrecision(15)) : Number(digits) * factor;
}
