import { Button, Modal, Progress, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import type { ReactNode } from "react";
import { RunLink } from "../../parts/badge.tsx";
import { count, plural } from "../../parts/format.ts";
import { Failed } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { forEachRun } from "./bulk.ts";
import type { Outcome } from "./bulk.ts";
import css from "./cohort.module.css";

interface BulkProps {
  title: string;
  words: { act: string; acting: string; acted: string };
  about: string;
  onClose: () => void;
  /** Finds the runs, telling how many it has; nothing is done to them. */
  gather: (signal: AbortSignal, told: (found: number) => void) => Promise<string[]>;
  /** Null where it was done, else why not. */
  act: (id: string, reason: string, signal: AbortSignal) => Promise<string | null>;
}

/** Does something to many runs: first it counts, then it asks for a reason, then it tells how it goes and what was refused. */
export function BulkDialog({ title, words, about, onClose, gather, act }: BulkProps): ReactNode {
  const [reason, setReason] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isOver, setOver] = useState(false);
  const { ids, error, found, again } = useGathered(gather);
  const stop = useRef<AbortController>(undefined);
  // Whoever closes the dialog stops what it does.
  useEffect(() => () => stop.current?.abort(), []);
  const start = async (): Promise<void> => {
    stop.current = new AbortController();
    setOutcome({ done: 0, refused: [], stopped: null });
    await forEachRun(ids ?? [], (id, signal) => act(id, reason.trim(), signal), stop.current.signal, setOutcome);
    setOver(true);
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      {error !== null ? (
        <Failed error={error} again={again} />
      ) : outcome === null ? (
        <form
          className={css["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            void start();
          }}
        >
          <output>
            {ids === undefined ? `Counting: ${count(found)} so far…` : countLine(ids.length, words.acted)}
          </output>
          <p className={css["about"]}>{about}</p>
          <Textarea
            label="Reason, for the record"
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            maxLength={1_000}
            minRows={2}
            autosize
            required
            data-autofocus
          />
          <div className={css["buttons"]}>
            <Button variant="default" onClick={onClose}>
              Do nothing
            </Button>
            <Button type="submit" color="red" disabled={ids === undefined || ids.length === 0 || reason.trim() === ""}>
              {words.act} {ids === undefined ? "" : plural(ids.length, "run")}
            </Button>
          </div>
        </form>
      ) : (
        <Going outcome={outcome} total={ids?.length ?? 0} words={words} isOver={isOver} onClose={onClose} />
      )}
    </Modal>
  );
}

function countLine(n: number, acted: string): string {
  return n === 0 ? "There is none of them any more." : `${plural(n, "run")} will be ${acted}.`;
}

function useGathered(gather: BulkProps["gather"]): {
  ids: string[] | undefined;
  error: unknown;
  found: number;
  again: () => void;
} {
  const [found, setFound] = useState(0);
  const { data, error, refetch } = useQuery({
    queryKey: ["bulk", useId()],
    queryFn: ({ signal }) => gather(signal, setFound),
    // What is shown is what is done: the runs are not looked for again behind one's back.
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });
  return { ids: data, error, found, again: () => void refetch() };
}

interface GoingProps {
  outcome: Outcome;
  total: number;
  words: BulkProps["words"];
  isOver: boolean;
  onClose: () => void;
}

function Going({ outcome: { done, refused, stopped }, total, words, isOver, onClose }: GoingProps): ReactNode {
  const through = done + refused.length;
  return (
    <div className={css["form"]}>
      <output>
        {isOver ? `${plural(done, "run")} ${words.acted}` : `${words.acting}: ${count(through)} of ${count(total)}`}
        {refused.length > 0 && `, ${count(refused.length)} refused`}
        {isOver && through < total && `, ${count(total - through)} not tried`}.
      </output>
      <Progress value={total === 0 ? 100 : (100 * through) / total} aria-label="Progress" />
      {stopped !== null && (
        <p role="alert" className={css["stopped"]}>
          It was ended before its time: <Line text={stopped} max={400} />
        </p>
      )}
      {refused.length > 0 && (
        <ul className={css["refused"]} aria-label="Refused">
          {refused.slice(0, 200).map(({ id, why }) => (
            <li key={id}>
              <RunLink id={id} /> <Line text={why} max={300} />
            </li>
          ))}
        </ul>
      )}
      <div className={css["buttons"]}>
        <Button variant="default" onClick={onClose}>
          {isOver ? "Close" : "Stop"}
        </Button>
      </div>
    </div>
  );
}
