import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { TraceStep, Usage } from "../../api/schema.gen.ts";
import { Id } from "../../parts/copy.tsx";
import { count, duration, usd } from "../../parts/format.ts";
import { Facts } from "../../parts/page.tsx";
import { Block, Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./panel.module.css";

type Fact = readonly [string, ReactNode];

/** When it ran, under what, and what it took. */
export function StepFacts({ step }: { step: TraceStep }): ReactNode {
  const facts: (Fact | null)[] = [
    ["Started", <Time key="s" at={step.started_at} ms />],
    ["Duration", <span key="d" className="num">{duration(step.latency_ms)}</span>], // prettier-ignore
    ["Attempt", String(step.attempt)],
    step.key === undefined ? null : ["Key", <Line key="k" text={step.key} />],
    promptFact(step),
    toolFact(step),
    ...modelFacts(step),
    step.fallback === undefined ? null : ["Went on with", <Line key="w" text={step.fallback} />],
    step.idempotency_key === undefined
      ? null
      : ["Idempotency key", <Id key="i" id={step.idempotency_key} what="idempotency key" />],
    step.release === undefined ? null : ["Release · stage", `${step.release} · ${step.stage ?? "none"}`],
  ];
  return (
    <div className={css["facts"]}>
      <Facts facts={facts.filter((fact) => fact !== null)} />
    </div>
  );
}

function promptFact({ prompt, prompt_version: version }: TraceStep): Fact | null {
  if (prompt === undefined || version === undefined) return null;
  return [
    "Prompt",
    <Link key="p" to="/prompts/$name" params={{ name: prompt }} search={{ version }}>
      {prompt}@{version}
    </Link>,
  ];
}

function toolFact({ tool }: TraceStep): Fact | null {
  if (tool === undefined) return null;
  return [
    "Tool",
    <Link key="t" to="/tools/$name" params={{ name: tool }}>
      {tool}
    </Link>,
  ];
}

function modelFacts(step: TraceStep): (Fact | null)[] {
  const {
    model,
    provider_model: answeredBy,
    settings,
    usage,
    cost_usd: cost,
    finish_reason: reason,
    request_id: id,
  } = step;
  if (model === undefined) return [];
  return [
    ["Model", <Line key="m" text={answeredBy === undefined || model.endsWith(`/${answeredBy}`) ? model : `${model}, answered by ${answeredBy}`} />], // prettier-ignore
    settings === undefined ? null : ["Settings", <Block key="s" text={settingsLine(settings)} shown={300} />],
    usage === undefined ? null : ["Tokens", <span key="u" className="num">{usageLine(usage)}</span>], // prettier-ignore
    cost === undefined ? null : ["Cost", <span key="c" className="num">{usd(cost)}</span>], // prettier-ignore
    reason === undefined ? null : ["Finish reason", <Line key="f" text={reason} />],
    id === undefined ? null : ["Request id", <Id key="r" id={id} what="request id" />],
  ];
}

function settingsLine(settings: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return parts.length === 0 ? "as the provider sets them" : parts.join(", ");
}

function usageLine(usage: Usage): string {
  const { input_tokens: sent, output_tokens: got, cached_input_tokens: cached, reasoning_tokens: reasoning } = usage;
  const [more, thought] = [
    cached === undefined ? "" : ` (${count(cached)} cached)`,
    reasoning === undefined ? "" : ` (${count(reasoning)} reasoning)`,
  ];
  return `${count(sent)} in${more}, ${count(got)} out${thought}`;
}
