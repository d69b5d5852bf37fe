import type { ReactNode } from "react";
import { useLine } from "../live/live.tsx";
import { duration } from "../parts/format.ts";
import { useNow } from "../parts/time.tsx";
import css from "./frame.module.css";

/** A light at the foot of the navigation: whether the page is kept up to date. */
export function LineLight(): ReactNode {
  const state = useLine();
  const text = { live: "Live", connecting: "Connecting…", down: "Not live" }[state.line];
  return (
    <output className={css["light"]} data-line={state.line}>
      <span className={css["lamp"]} aria-hidden="true" />
      {text}
    </output>
  );
}

/** Above the page while the line is down: what is shown may be old. */
export function LineDown(): ReactNode {
  const state = useLine();
  const now = useNow();
  if (state.line !== "down") return null;
  const seconds = Math.max(0, Math.floor((now - state.since) / 1_000)) * 1_000;
  return (
    <div className={css["down"]} role="alert">
      The line to the server is down
      {seconds > 0 ? `, for ${seconds < 60_000 ? `${seconds / 1_000} s` : duration(seconds)} now` : ""}: what you see
      may be old. Trying again…
    </div>
  );
}
