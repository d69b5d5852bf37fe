import { Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { ReactNode } from "react";
import type { Run, TraceStep } from "../../api/schema.gen.ts";
import { Badge, Tag } from "../../parts/badge.tsx";
import { Copy } from "../../parts/copy.tsx";
import { Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Line } from "../../parts/text.tsx";
import { withOriginals } from "./originals.ts";
import type { Originals } from "./originals.ts";
import css from "./panel.module.css";
import { lastTwo, peersOf } from "./rows.ts";
import { StepBody } from "./step-body.tsx";
import { StepFacts } from "./step-facts.tsx";
import { stepName, typeWord, verdictOf } from "./step-words.ts";

interface StepPanelProps {
  run: Run;
  trace: readonly TraceStep[];
  step: TraceStep;
  originals: Originals | null;
  show(search: { step?: number; against?: number }): void;
}

/** Everything on record of one attempt or hop of a step. */
export function StepPanel({ run, trace, step: hidden, originals, show }: StepPanelProps): ReactNode {
  const top = useInView();
  const step = withOriginals(hidden, originals);
  const peers = peersOf(trace, hidden);
  const { tone, word } = verdictOf(step);
  const compare = (): void => compareLastTwo(peers, hidden, show);
  useShortcuts("The open step", [{ keys: "d", label: "Compare two attempts of this step", run: compare }]);
  return (
    <div className={css["panel"]} ref={top}>
      <Section
        title={
          <span className={css["titles"]}>
            <span className={css["number"]}>{step.step}</span>
            <Line text={stepName(step)} max={80} />
            <Tag>{typeWord(step)}</Tag>
            <Badge tone={tone}>
              <Line text={word} max={60} />
            </Badge>
          </span>
        }
        aside={
          <span className={css["tools"]}>
            <Copy text={JSON.stringify(step, null, 2)} what="step as JSON" />
            <button
              type="button"
              className={css["close"]}
              onClick={() => show({})}
              aria-label="Close the step"
              title="Close (Esc)"
            >
              <IconX size={16} />
            </button>
          </span>
        }
      >
        <Peers peers={peers} step={step} compare={compare} />
        <StepFacts step={step} />
        <StepBody runId={run.run_id} run={run} trace={trace} step={step} hidden={hidden} originals={originals} />
      </Section>
    </div>
  );
}

/** A step that is opened from further down starts at its top. */
function useInView(): React.RefObject<HTMLDivElement | null> {
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if ((top.current?.getBoundingClientRect().top ?? 0) < 0) top.current?.scrollIntoView({ block: "start" });
  }, []);
  return top;
}

function compareLastTwo(peers: readonly TraceStep[], step: TraceStep, show: StepPanelProps["show"]): void {
  const two = lastTwo(peers);
  if (two === null) return;
  // The open one stays where it is one of the two, or has one of its own kind before it.
  const [earlier, later] = two;
  const before = peers.findLast((each) => each.step < step.step && each.type === step.type);
  if (later.step !== step.step && earlier.step !== step.step && before !== undefined)
    show({ step: step.step, against: before.step });
  else show({ step: later.step, against: earlier.step });
}

/** The other attempts and hops of the same step, and the way to compare them. */
function Peers({ peers, step, compare }: { peers: readonly TraceStep[]; step: TraceStep; compare(): void }): ReactNode {
  if (peers.length < 2) return null;
  const at = peers.findIndex((peer) => peer.step === step.step);
  const from = Math.max(0, Math.min(at - 3, peers.length - PEERS_SHOWN));
  return (
    <nav className={css["peers"]} aria-label="Attempts and hops of this step">
      {from > 0 && <span className={css["dim"]}>{from} before</span>}
      {peers.slice(from, from + PEERS_SHOWN).map((peer) => (
        <Link key={peer.step} to="." search={{ step: peer.step }} replace resetScroll={false} className={css["peer"]}>
          {peer.step} {typeWord(peer)}
          {peer.attempt > 1 && ` · attempt ${peer.attempt}`}
        </Link>
      ))}
      {from + PEERS_SHOWN < peers.length && (
        <span className={css["dim"]}>{peers.length - from - PEERS_SHOWN} after</span>
      )}
      <Button variant="default" onClick={compare} rightSection={<kbd>d</kbd>}>
        Compare
      </Button>
    </nav>
  );
}

const PEERS_SHOWN = 8;
