import type { Command } from "commander";
import type { Json, JsonObject } from "../base/json.ts";
import { EXIT, Exit } from "./exit.ts";

/** What is to change, as options say it. */
export interface ChangeOptions {
  stage?: string;
  share?: string;
  scope?: string;
  automation?: string;
  sample?: string;
  threshold?: string[];
  riskThreshold?: string;
  grant?: string[];
  revoke?: string[];
  prompt?: string[];
  model?: string[];
  fallbacks?: string[];
  candidate?: string[];
  whenOff?: string;
  assignBy?: string;
}

const many = (value: string, all: string[] = []): string[] => [...all, value];

/** Adds an option for everything that a release holds. */
export function withChange(command: Command): Command {
  return command
    .option("--stage <stage>", "off, shadow, suggestion, partial, narrow or expanded")
    .option("--share <share>", "of the keys, 0 to 1 or in per cent: 0.2, 20%")
    .option("--scope <condition>", 'inside it nobody is asked; "none": everything is inside')
    .option("--automation <condition>", 'where it holds nobody is asked; "none": it always holds')
    .option("--sample <share>", "of the automated decisions that a person sees all the same")
    .option("--threshold <name=number>", "a threshold of the workflow (repeatable)", many)
    .option("--risk-threshold <risk>", "low, medium or high: writes above it go to review")
    .option("--grant <tool>", "let it call a tool (repeatable)", many)
    .option("--revoke <tool>", "take a tool away (repeatable)", many)
    .option("--prompt <slot=version>", "the version a slot serves (repeatable)", many)
    .option("--model <slot=model>", "the model a slot is asked on (repeatable)", many)
    .option("--fallbacks <slot=models>", "models to go on with, with commas between; none: slot= (repeatable)", many)
    .option(
      "--candidate <slot=version,mode,share>",
      "try a version: slot=2,shadow,1 or slot=2,live,10%; slot=none",
      many,
    )
    .option("--when-off <what>", "hold or review: what becomes of events while it is off")
    .option("--assign-by <pointer>", "into the event: what shares go by, such as /customer/id");
}

/** The change, as HTTP takes it; empty where nothing was said. Throws `Exit` for what cannot be read. */
export function changeFrom(options: ChangeOptions): JsonObject {
  const { stage, riskThreshold, whenOff, assignBy, grant, revoke } = options;
  const change: JsonObject = {};
  const put = (name: string, value: Json | undefined): void => {
    if (value !== undefined) change[name] = value;
  };
  put("stage", stage);
  put("share", options.share === undefined ? undefined : share(options.share, "--share"));
  put("scope", condition(options.scope));
  put("automation", condition(options.automation));
  put("sample", options.sample === undefined ? undefined : share(options.sample, "--sample"));
  put("risk_threshold", riskThreshold);
  put("when_off", whenOff);
  put("assign_by", assignBy);
  const thresholds = pairs(options.threshold, "--threshold").map(([name, value]) => [
    name,
    numberOf(value, "--threshold"),
  ]);
  if (thresholds.length > 0) change["thresholds"] = Object.fromEntries(thresholds) as JsonObject;
  if (grant !== undefined || revoke !== undefined)
    change["tools"] = { ...(grant === undefined ? {} : { grant }), ...(revoke === undefined ? {} : { revoke }) };
  const prompts = slots(options);
  if (Object.keys(prompts).length > 0) change["prompts"] = prompts;
  return change;
}

function slots({ prompt, model, fallbacks, candidate }: ChangeOptions): JsonObject {
  const found: Record<string, JsonObject> = {};
  const put = (slot: string, name: string, value: Json): void => {
    found[slot] = { ...found[slot], [name]: value };
  };
  for (const [slot, version] of pairs(prompt, "--prompt")) put(slot, "version", version);
  for (const [slot, name] of pairs(model, "--model")) put(slot, "model", name);
  for (const [slot, names] of pairs(fallbacks, "--fallbacks"))
    put(slot, "fallbacks", names === "" ? [] : names.split(",").map((name) => name.trim()));
  for (const [slot, text] of pairs(candidate, "--candidate")) put(slot, "candidate", candidateOf(text));
  return found;
}

function candidateOf(text: string): Json {
  if (text === "none") return null;
  const [version, mode, of] = text.split(",").map((part) => part.trim());
  if (version === undefined || mode === undefined || of === undefined)
    throw new Exit(
      EXIT.wrongUse,
      `--candidate takes slot=VERSION,MODE,SHARE, as in classify=2,shadow,1, not "${text}".`,
    );
  return { version, mode, share: share(of, "--candidate") };
}

function pairs(given: readonly string[] | undefined, option: string): [string, string][] {
  return (given ?? []).map((text) => {
    const at = text.indexOf("=");
    if (at <= 0) throw new Exit(EXIT.wrongUse, `${option} takes NAME=VALUE, not "${text}".`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}

function condition(text: string | undefined): string | null | undefined {
  return text === "none" ? null : text;
}

/** `0.2` or `20%`. */
export function share(text: string, option: string): number {
  const value = text.endsWith("%") ? numberOf(text.slice(0, -1), option) / 100 : numberOf(text, option);
  if (value >= 0 && value <= 1) return value;
  throw new Exit(EXIT.wrongUse, `${option} takes a share from 0 to 1, or in per cent: 0.2 or 20%, not "${text}".`);
}

function numberOf(text: string, option: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new Exit(EXIT.wrongUse, `${option} takes a number, not "${text}".`);
}
