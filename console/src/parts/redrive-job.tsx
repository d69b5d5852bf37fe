import { Button, Progress } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call } from "../api/client.ts";
import type { Redrive } from "../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../api/session.ts";
import { Badge } from "./badge.tsx";
import type { Tone } from "./badge.tsx";
import { count, plural } from "./format.ts";
import css from "./redrive.module.css";
import { Failed } from "./states.tsx";
import { Line } from "./text.tsx";
import { Time } from "./time.tsx";

const LOOK_MS = 1_000;
/** An ended one stays in sight so long on the page of dead letters. */
const RECENT_MS = 600_000;
/** And no more of them: what is dead now must not be pushed below what was done about it. */
const RECENT = 2;

/** A redrive in the background, as it goes. */
export function RedriveProgress({ redrive: begun }: { redrive: Redrive }): ReactNode {
  const client = useQueryClient();
  const { data: redrive } = useQuery({
    queryKey: ["redrive", begun.redrive_id],
    queryFn: async ({ signal }) => {
      const now = await call("GET /v1/redrives/{id}", { params: { id: begun.redrive_id }, signal });
      if (now.state !== "running") await client.invalidateQueries({ queryKey: ["runs"] });
      return now;
    },
    initialData: begun,
    refetchInterval: ({ state }) => (state.data?.state === "running" ? LOOK_MS : false),
  });
  return <Job redrive={redrive} />;
}

/** Those that run or ended just now; nothing where there is none. */
export function Redrives(): ReactNode {
  const { data } = useQuery({
    queryKey: ["runs", "redrives"],
    queryFn: async ({ signal }) => {
      const { items } = await call("GET /v1/redrives", { signal });
      const since = Date.now() - RECENT_MS;
      const running = items.filter(({ state }) => state === "running");
      const ended = items.filter(({ ended_at: at }) => at !== null && Date.parse(at) > since);
      return [...running, ...ended.slice(0, Math.max(0, RECENT - running.length))];
    },
    refetchInterval: ({ state }) => (state.data?.some(({ state: is }) => is === "running") ? LOOK_MS : 10_000),
  });
  const shown = data ?? [];
  if (shown.length === 0) return null;
  return (
    <section aria-label="Redrives" className={css["jobs"]}>
      {shown.map((redrive) => (
        <Job key={redrive.redrive_id} redrive={redrive} />
      ))}
    </section>
  );
}

const TONES: Readonly<Record<Redrive["state"], Tone>> = {
  running: "run",
  done: "ok",
  stopped: "bad",
  cancelled: "off",
};

function Job({ redrive }: { redrive: Redrive }): ReactNode {
  const { state, phase, counts, why, by, reason, created_at: at, rate, canary } = redrive;
  const { total, redriven, went_on: wentOn, waits, died, refused } = counts;
  const plan = [canary === null ? null : `${count(canary)} first`, rate]
    .filter((part) => part !== null)
    .join(", then ");
  return (
    <article className={css["job"]} aria-label={`Redrive of ${plural(total, "run")}`}>
      <p>
        <Badge tone={TONES[state]}>{state === "running" && phase === "canary" ? "trying the first" : state}</Badge>{" "}
        {plural(total, "run")}
        {plan === "" ? "" : `: ${plan}`}, since <Time at={at} /> by <Line text={by} />: <Line text={reason} max={200} />
      </p>
      <Progress value={total === 0 ? 100 : (100 * (redriven + refused)) / total} aria-label="Redriven" />
      <p aria-live="polite">
        {count(redriven)} of {count(total)} redriven: {count(wentOn)} ended, {count(waits)} wait for a person,{" "}
        {count(died)} died again{refused > 0 ? `, ${count(refused)} refused` : ""}.
      </p>
      {why !== null && (
        <p className={css["why"]}>
          It stopped by itself: <Line text={why} max={300} />
        </p>
      )}
      {state === "running" && <Stop id={redrive.redrive_id} />}
    </article>
  );
}

function Stop({ id }: { id: string }): ReactNode {
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const cancel = useMutation({
    mutationFn: () => call("POST /v1/redrives/{id}/cancel", { params: { id } }),
    onSuccess: (redrive) => client.setQueryData(["redrive", id], redrive),
    onSettled: () => client.invalidateQueries({ queryKey: ["runs"] }),
  });
  if (!atLeast(session, "operator")) return null;
  return (
    <div className={css["buttons"]}>
      {cancel.isError && <Failed error={cancel.error} />}
      <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        Stop it
      </Button>
    </div>
  );
}
