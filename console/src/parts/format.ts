const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `820 ms`, `1.64 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. Takes milliseconds. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(2)} s`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return two(ms, [MINUTE, "min"], [SECOND, "s"]);
  if (ms < DAY) return two(ms, [HOUR, "h"], [MINUTE, "min"]);
  return two(ms, [DAY, "d"], [HOUR, "h"]);
}

function two(ms: number, [big, bigName]: [number, string], [small, smallName]: [number, string]): string {
  const whole = Math.floor(ms / big);
  const rest = Math.floor((ms - whole * big) / small);
  return rest === 0 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
}

/** US dollars: small amounts keep two figures that say something; null is an unknown price. */
export function usd(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return "unknown";
  if (amount === 0) return "$0";
  if (amount >= 0.01) return `$${amount.toFixed(amount >= 100 ? 0 : 2)}`;
  return `$${Number(amount.toPrecision(2))}`;
}

const WHOLE = new Intl.NumberFormat("en");

/** `12,480`. */
export function count(n: number): string {
  return WHOLE.format(n);
}

/** `1 run`, `2 runs`. */
export function plural(n: number, one: string, many: string = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** `2026-05-29 14:22:10` in `zone` (undefined: the browser's), with milliseconds where asked. */
export function dateTime(at: number | string, zone: string | undefined, withMs = false): string {
  const parts = formatter(zone).formatToParts(new Date(at));
  const of = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  const ms = withMs ? `.${of("fractionalSecond")}` : "";
  return `${of("year")}-${of("month")}-${of("day")} ${of("hour")}:${of("minute")}:${of("second")}${ms}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string | undefined): Intl.DateTimeFormat {
  const known = formatters.get(zone ?? "");
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    ...(zone === undefined ? {} : { timeZone: zone }),
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  });
  formatters.set(zone ?? "", made);
  return made;
}

/** `just now`, `12 s ago`, `in 3 h`, from `now`. */
export function ago(at: number | string, now: number): string {
  const ms = now - new Date(at).getTime();
  const text = coarse(Math.abs(ms));
  if (text === "") return "just now";
  return ms >= 0 ? `${text} ago` : `in ${text}`;
}

function coarse(ms: number): string {
  if (ms < 2 * SECOND) return "";
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** `low_confidence` → `low confidence`. */
export function words(code: string): string {
  return code.replaceAll("_", " ");
}

/** A share of 0 to 1 as `97.1 %`; never rounded up to all or down to none. */
export function percent(share: number, digits: number = 1): string {
  const shown = (share * 100).toFixed(digits);
  const step = 10 ** -digits;
  if (share < 1 && Number(shown) >= 100) return `${(100 - step).toFixed(digits)} %`;
  if (share > 0 && Number(shown) === 0) return `< ${step.toFixed(digits)} %`;
  return `${Number(shown) === 100 ? "100" : shown} %`;
}
