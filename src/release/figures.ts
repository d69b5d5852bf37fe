import type { Evidence, TargetResult } from "./evidence.ts";

/** `Billing escalation recall 97.1 % of 98 %, 311 of 320; FAIL`: what a target came to, and by how much it was missed. */
function targetSentence(target: TargetResult): string {
  const { name, value, hits, cases, status, needed } = target;
  const counted = hits === null ? `${cases} ${cases === 1 ? "case" : "cases"}` : `${hits} of ${cases}`;
  const more =
    status === "INCONCLUSIVE" && needed !== null ? `, ${needed} more cases without an error would decide` : "";
  return `${name} ${value === null ? "not measured" : figure(target, value)} ${demanded(target)}, ${counted}; ${status}${more}`;
}

/** Every target that is no PASS, or the verdict where that is all that is wrong. */
export function shortfalls({ targets, verdict }: Evidence): string {
  const missed = targets.filter(({ status }) => status !== "PASS");
  if (missed.length > 0) return missed.map(targetSentence).join(". ");
  return targets.length === 0 ? "the suite names no target" : `its verdict is ${verdict}`;
}

/** As reports show them: a share as per cent; times and sums in their units. */
function figure({ metric, interval, hits, target }: TargetResult, value: number): string {
  if (hits !== null || interval !== null) return perCent(value, Number(/[\d.]+/.exec(target)?.[0]));
  if (metric.startsWith("latency"))
    return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(2)} s`;
  if (metric.startsWith("cost")) return `$${value.toPrecision(3)}`;
  return String(Number(value.toPrecision(4)));
}

/** Two digits, and more where it would read like a figure that it is not: the bound, or all of them. */
function perCent(value: number, bound: number): string {
  const exact = value * 100;
  for (let digits = 2; digits < 10; digits++) {
    const shown = Number(exact.toFixed(digits));
    const taken = [bound, 0, 100].some((other) => shown === other && Math.abs(exact - other) > 1e-9);
    if (!taken) return `${shown} %`;
  }
  return `${exact} %`;
}

function demanded({ target }: TargetResult): string {
  const share = /^>=?\s*([\d.]+)\s*%$/.exec(target);
  return share === null ? `(${target})` : `of ${share[1]} %`;
}
