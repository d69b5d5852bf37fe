import { z } from "zod";
import { parseDuration } from "../base/duration.ts";
import type { Stage } from "../base/stage.ts";
import type { ProviderConfig } from "../model/registry.ts";
import type { PriceTable } from "../model/price.ts";
import type { RateLimits } from "../model/rates.ts";

/** What `sluice.config.ts` may set. Each setting is also `SLUICE_*` in the environment; durations as `"20s"` or in ms. */
export interface UserConfig {
  /** Of the HTTP server; 0 for any free one. 4780 unless set. */
  port?: number;
  /** Address to listen on; loopback unless set. */
  host?: string;
  /** The address people open the console at, where a proxy stands before the server: `https://sluice.example.com`. */
  publicUrl?: string;
  /** Folder of the embedded store, relative to the project; `.sluice` unless set. */
  data?: string;
  /** File with the vault's key, relative to the project; one below `~/.config/sluice/keys` unless set. */
  keyFile?: string;
  /** Provider of models that are named without one; `openai` unless set. */
  defaultProvider?: string;
  /** Servers of models, by the name that stands before the `/` of a model. */
  providers?: Readonly<Record<string, ProviderConfig>>;
  /** Dollars per million tokens, by `provider/model`; goes before the bundled price list. */
  prices?: PriceTable;
  /**
   * What may be asked of a model within any minute, by `provider/model`; `provider/*` is for all models of the provider
   * together. Calls wait for their turn.
   */
  rateLimits?: RateLimits;
  /** Events above it are refused with 413; 1 MiB unless set. */
  maxEventBytes?: number;
  /** Queued runs at which new events are refused with 429; 100,000 unless set. */
  queueLimit?: number;
  /** Runs worked on at once; 50 unless set. */
  concurrency?: number;
  /** How long a worker may be silent before its run is taken over; 10 s unless set. */
  lease?: string | number;
  /** How long running steps may take to end when the process is told to stop; 10 s unless set. */
  drainGrace?: string | number;
  /** How long an event that a run may wait for is kept for waits that come later; 7 days unless set. */
  keepEvents?: string | number;
  /**
   * How long originals of what is redacted are kept after a run has ended (and events in quarantine after they came), or
   * "forever"; 30 days unless set. A dead run can be redriven for as long.
   */
  retainOriginals?: string | number;
  /** How long the redacted values of ended runs are kept, or "forever"; forever unless set. */
  retainRecords?: string | number;
  /** Questions to shadow candidates under way at once; 2 unless set. */
  shadowConcurrency?: number;
  /** Dollars that shadow candidates may cost within 24 hours, as far as prices are known; 10 unless set. */
  shadowUsdPerDay?: number;
  /** Least important lines of the log that are written; `info` unless set. */
  logLevel?: LogLevel;
  /** Stage of the releases that `dev` makes by itself; `partial` unless set. */
  developmentStage?: Stage;
}

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** All settings with their values; durations in ms. */
export interface Settings {
  port: number;
  host: string;
  publicUrl?: string | undefined;
  data: string;
  keyFile?: string | undefined;
  defaultProvider: string;
  providers: Readonly<Record<string, ProviderConfig>>;
  prices: PriceTable;
  rateLimits: RateLimits;
  maxEventBytes: number;
  queueLimit: number;
  concurrency: number;
  lease: number;
  drainGrace: number;
  keepEvents: number;
  /** Null: forever; so with `retainRecords`. */
  retainOriginals: number | null;
  retainRecords: number | null;
  shadowConcurrency: number;
  shadowUsdPerDay: number;
  logLevel: LogLevel;
  developmentStage: Stage;
}

const count = (min: number, max: number): z.ZodInt => z.int(`must be a whole number from ${min} to ${max}`).min(min, `must be at least ${min}`).max(max, `must be at most ${max}`); // prettier-ignore

const duration = (minMs: number): z.ZodType<number, string | number> =>
  z.union([z.string(), z.number()], 'must be a duration like "20s"').transform((value, ctx) => {
    try {
      const ms = parseDuration(value);
      if (ms >= minMs) return ms;
      ctx.addIssue(`must be at least ${minMs} ms`);
    } catch (error) {
      ctx.addIssue(`must be a duration: ${(error as Error).message}`);
    }
    return z.NEVER;
  });

/** Null: forever. */
const window: z.ZodType<number | null, string | number> = z
  .union([z.string(), z.number()], 'must be a duration like "30d", or "forever"')
  .transform((value, ctx) => {
    if (value === "forever") return null;
    try {
      return parseDuration(value);
    } catch (error) {
      ctx.addIssue(`must be "forever" or a duration: ${(error as Error).message}`);
      return z.NEVER;
    }
  });

/** What is no address at all is told by another check. */
function isOrigin(url: string): boolean {
  return !URL.canParse(url) || new URL(url).href === `${new URL(url).origin}/`;
}

const text = z.string("must be text").trim().min(1, "must not be empty");

const provider = z.strictObject({
  kind: z.literal("openai-compatible", 'must be "openai-compatible"').optional(),
  baseUrl: z.url({ protocol: /^https?$/, error: 'must be an address like "http://127.0.0.1:11434/v1"' }),
  apiKeyEnv: z.string().regex(/^[A-Za-z_]\w*$/, "must be the name of an environment variable, not the key itself").optional(),
  apiKey: z.literal("none", 'may only be "none"; name the variable that holds the key with apiKeyEnv').optional(),
  structuredOutput: z.enum(["json_schema", "json_object", "none"]).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  maxTokensField: z.enum(["max_tokens", "max_completion_tokens"]).optional(),
  pricedAs: text.optional(),
}); // prettier-ignore

const dollars = z.number("must be dollars per million tokens").min(0, "must not be negative");
const price = z.strictObject({
  inputPerMillion: dollars,
  outputPerMillion: dollars,
  cachedInputPerMillion: dollars.optional(),
  date: z.iso.date("must be a date like 2026-05-29").optional(),
});

const perMinute = count(1, 1_000_000_000).optional();
const rateLimit = z
  .strictObject({ requestsPerMinute: perMinute, tokensPerMinute: perMinute })
  .refine(
    ({ requestsPerMinute, tokensPerMinute }) => requestsPerMinute !== undefined || tokensPerMinute !== undefined,
    "must set requestsPerMinute, tokensPerMinute or both",
  );

const shape = {
  port: count(0, 65_535).default(4780),
  host: text.default("127.0.0.1"),
  publicUrl: z.url({ protocol: /^https?$/, error: 'must be an address like "https://sluice.example.com"' }).refine(isOrigin, "must end after the host: the console is served at the root").optional(),
  data: text.default(".sluice"),
  keyFile: text.optional(),
  defaultProvider: text.default("openai"),
  providers: z.record(z.string().regex(/^[\w.-]+$/, "is no provider name: letters, digits, _, - and . only"), provider).default({}),
  prices: z.record(z.string(), price).default({}),
  rateLimits: z.record(z.string().regex(/^[\w.-]+\/\S+$/, 'is no model: write "provider/model", or "provider/*" for all of a provider together'), rateLimit).default({}),
  maxEventBytes: count(1_024, 64 * 1_048_576).default(1_048_576),
  queueLimit: count(1, 100_000_000).default(100_000),
  concurrency: count(1, 10_000).default(50),
  lease: duration(1_000).default(10_000),
  drainGrace: duration(0).default(10_000),
  keepEvents: duration(1_000).default(7 * 86_400_000),
  retainOriginals: window.default(30 * 86_400_000),
  retainRecords: window.default(null),
  shadowConcurrency: count(1, 100).default(2),
  shadowUsdPerDay: z.number("must be dollars a day").min(0, "must not be negative").default(10),
  logLevel: z.enum(LOG_LEVELS).default("info"),
  developmentStage: z.enum(["shadow", "suggestion", "partial", "narrow", "expanded"]).default("partial"),
}; // prettier-ignore

/** The one schema of the configuration. Unknown settings are issues. */
export const SETTINGS: z.ZodType<Settings, UserConfig> = z.strictObject(shape) as unknown as z.ZodType<
  Settings,
  UserConfig
>;

export const SETTING_NAMES: readonly string[] = Object.keys(shape);

const NUMBERS = new Set([
  "port",
  "maxEventBytes",
  "queueLimit",
  "concurrency",
  "lease",
  "drainGrace",
  "keepEvents",
  "retainOriginals",
  "retainRecords",
  "shadowConcurrency",
  "shadowUsdPerDay",
]);
const DOCUMENTS = new Set(["providers", "prices", "rateLimits"]);

/** `maxEventBytes` → `SLUICE_MAX_EVENT_BYTES`. */
export function variableOf(setting: string): string {
  return `SLUICE_${setting.replaceAll(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** What a setting's text in the environment or on the command line stands for; unreadable text stays text and is refused by the schema. */
export function fromText(setting: string, value: string): unknown {
  if (NUMBERS.has(setting) && /^\s*-?\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  if (!DOCUMENTS.has(setting)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
