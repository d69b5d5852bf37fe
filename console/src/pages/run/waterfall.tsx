import { useVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import type { Run } from "../../api/schema.gen.ts";
import { duration, plural } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Time } from "../../parts/time.tsx";
import type { Axis } from "./axis.ts";
import type { Row } from "./rows.ts";
import { WaterfallRow } from "./waterfall-row.tsx";
import css from "./waterfall.module.css";

const ROW_HEIGHT = 40;

interface WaterfallProps {
  run: Run;
  rows: readonly Row[];
  axis: Axis;
  /** The open step's number. */
  open: number | undefined;
  show(search: { step?: number }): void;
}

/** Every step as a line with a bar on the run's time axis. Only those in view are there. */
export function Waterfall({ run, rows, axis, open, show }: WaterfallProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => rows[index]?.step.step ?? index,
  });
  const { onKeyDown } = useRowKeys(rows, open, show, (index) => virtual.scrollToIndex(index), box);
  const stripes = stripesOf(axis);
  return (
    <div className={css["waterfall"]}>
      <Section title="Steps" aside={<DrawnShort axis={axis} steps={rows.length} />} flush>
        <Heads axis={axis} />
        <div ref={box} className={css["scroll"]} onKeyDown={onKeyDown} role="presentation">
          <ol className={css["rows"]} style={{ height: virtual.getTotalSize() }} aria-label="Steps">
            {virtual.getVirtualItems().map(({ index, start, key }) => (
              <WaterfallRow
                key={key}
                row={rows[index] as Row}
                last={rows[index + 1]?.first !== false}
                axis={axis}
                stripes={stripes}
                isOpen={rows[index]?.step.step === open}
                top={start}
                of={rows.length}
                index={index}
              />
            ))}
          </ol>
        </div>
        <Underway run={run} />
      </Section>
    </div>
  );
}

function Heads({ axis }: { axis: Axis }): ReactNode {
  return (
    <div className={`${css["grid"]} ${css["heads"]}`} aria-hidden="true">
      <span>#</span>
      <span>Step</span>
      <span>Time, {duration(axis.end - axis.start)}</span>
      <span className={css["number"]}>Duration</span>
      <span className={css["number"]}>Tokens</span>
      <span className={css["number"]}>Cost</span>
    </div>
  );
}

const NAMED = 2;

/** Says which waits are drawn shorter than they were. */
function DrawnShort({ axis: { gaps }, steps }: { axis: Axis; steps: number }): ReactNode {
  if (gaps.length === 0) return plural(steps, "record");
  const longest = gaps.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  const named = longest.slice(0, NAMED).map(({ from, to, why }) => `${duration(to - from)} ${why}`);
  return (
    <span title="While nothing ran, the axis is shortened, so that short steps can be seen beside long waits.">
      Grey is drawn short: {named.join(", ")}
      {gaps.length > NAMED && `, ${gaps.length - NAMED} more`}
    </span>
  );
}

/** What comes next while the run has not ended. */
function Underway({ run }: { run: Run }): ReactNode {
  if (run.ended_at !== null) return null;
  return (
    <output className={css["underway"]}>
      <span className={`${css["pulse"]} ${css[run.status] ?? ""}`} aria-hidden="true" />
      {run.status === "running" && "Running. A step is on record here once it ends."}
      {run.status === "queued" && "In the queue. Its steps appear here once a worker takes it."}
      {run.status === "waiting" &&
        run.waiting_for === "review" &&
        "Waits for a person. It goes on here after the answer."}
      {run.status === "waiting" && run.waiting_for !== "review" && (
        <span>
          Waits
          {run.wake_at !== null && (
            <>
              , and goes on <Time at={run.wake_at} relative />
            </>
          )}
          .
        </span>
      )}
    </output>
  );
}

/** What is drawn short, as a background that every bar stands on. */
function stripesOf({ gaps }: Axis): string {
  if (gaps.length === 0) return "none";
  const stops = gaps.flatMap(({ left, right }) => {
    const [from, to] = [`${left * 100}%`, `${right * 100}%`];
    return [`transparent ${from}`, `var(--hover) ${from}`, `var(--hover) ${to}`, `transparent ${to}`];
  });
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}

/** j and k move through the steps; with one open the next one is opened at once. */
function useRowKeys(
  rows: readonly Row[],
  open: number | undefined,
  show: WaterfallProps["show"],
  scrollTo: (index: number) => void,
  box: { readonly current: HTMLElement | null },
): { onKeyDown(event: KeyboardEvent): void } {
  const [cursor, setCursor] = useState<number>();
  const wanted = useRef<number>(undefined);
  const at = rows.findIndex(({ step }) => step.step === (open ?? cursor));
  const move = (to: number): void => {
    const index = Math.min(rows.length - 1, Math.max(0, to));
    const number = rows[index]?.step.step;
    if (number === undefined) return;
    setCursor(number);
    wanted.current = number;
    scrollTo(index);
    if (open !== undefined) show({ step: number });
  };
  // A line that was out of view is there only after the list has scrolled to it.
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const line = box.current?.querySelector<HTMLElement>(`[data-step="${wanted.current}"]`);
    if (line === null || line === undefined) return;
    wanted.current = undefined;
    line.focus({ preventScroll: true });
  });
  useOpenInView(open, at, scrollTo);
  const close = (): void => show({});
  useShortcuts("This run", [
    { keys: "j", label: "Next step; Enter or → opens it", run: () => move(at + 1) },
    { keys: "k", label: "Previous step", run: () => move(at - 1) },
    { keys: "escape", label: "Close the step, back to the seven questions", run: close },
  ]);
  const focused = (): number => rows.findIndex(({ step }) => String(step.step) === (document.activeElement as HTMLElement | null)?.dataset["step"]); // prettier-ignore
  const byKey: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(focused() + 1),
    ArrowUp: () => move(focused() - 1),
    Home: () => move(0),
    End: () => move(rows.length - 1),
    ArrowRight: () => show({ step: rows[focused()]?.step.step ?? 1 }),
    ArrowLeft: close,
  };
  return {
    onKeyDown(event) {
      const act = byKey[event.key];
      if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    },
  };
}

/** The open step is in view when the page opens on it. */
function useOpenInView(open: number | undefined, index: number, scrollTo: (index: number) => void): void {
  const shown = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (open === undefined || index < 0 || shown.current === open) return;
    shown.current = open;
    scrollTo(index);
  });
}
