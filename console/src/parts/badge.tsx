import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import { words } from "./format.ts";
import css from "./badge.module.css";

/** What a colour says, everywhere: it went well, a person is needed, it failed, it is under way, it is over or not begun. */
export type Tone = "ok" | "wait" | "bad" | "run" | "off";

export function Badge({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }): ReactNode {
  return (
    <span className={`${css["badge"]} ${css[tone]}`} title={title}>
      <span className={css["dot"]} aria-hidden="true" />
      {children}
    </span>
  );
}

const STATUS_TONE: Readonly<Record<string, Tone>> = {
  queued: "off",
  running: "run",
  waiting: "wait",
  completed: "ok",
  dead: "bad",
  stopped: "off",
  cancelled: "off",
};

/** The status of a run; what it waits for where it waits. */
export function StatusBadge({ status, waitingFor }: { status: string; waitingFor?: string | null }): ReactNode {
  const wait = waitingFor !== undefined && waitingFor !== null;
  return (
    <Badge tone={STATUS_TONE[status] ?? "off"}>
      {wait ? (waitingFor === "review" ? "waiting for review" : `waiting: ${words(waitingFor)}`) : status}
    </Badge>
  );
}

/** A word without a state, such as a stage or a role. */
export function Tag({ children, title }: { children: ReactNode; title?: string }): ReactNode {
  return (
    <span className={css["tag"]} title={title}>
      {children}
    </span>
  );
}

/** A run's id that leads to it. */
export function RunLink({ id }: { id: string }): ReactNode {
  return (
    <Link to="/runs/$runId" params={{ runId: id }} className={css["mono"]}>
      {id}
    </Link>
  );
}
