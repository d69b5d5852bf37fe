import { Button, Modal, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import { plural } from "../../parts/format.ts";
import { Failed, Loaded } from "../../parts/states.tsx";
import { Block, Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import type { Originals } from "./originals.ts";
import { viewsQuery } from "./queries.ts";
import css from "./run.module.css";

interface RevealProps {
  runId: string;
  onRevealed(originals: Originals): void;
  onClose(): void;
}

/** Asks why before the originals are shown; the reason goes on record with who asked, before anything comes. */
export function RevealDialog({ runId, onRevealed, onClose }: RevealProps): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  // Outside of the query cache: what was revealed stays in the page that asked, and goes with it.
  const reveal = useMutation({
    mutationFn: () => call("POST /v1/runs/{id}/reveal", { params: { id: runId }, body: { reason: reason.trim() } }),
    gcTime: 0,
    onSuccess: async ({ trace, decision }) => {
      onRevealed({ at: Date.now(), reason: reason.trim(), trace, decision });
      onClose();
      await client.invalidateQueries({ queryKey: viewsQuery(runId).queryKey });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Show the originals" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          reveal.mutate();
        }}
      >
        <p>
          What is redacted in this run is shown on this page, to you, until you leave it. That you looked, and why, goes
          on record first and stays there.
        </p>
        <Textarea
          label="Reason"
          placeholder="A complaint, an incident, a customer's question …"
          required
          autosize
          minRows={2}
          maxLength={1_000}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          data-autofocus
        />
        <Views runId={runId} />
        {reveal.isError && <Failed error={reveal.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" disabled={reason.trim() === ""} loading={reveal.isPending}>
            Put on record and show
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Who was shown them before, when and why. */
function Views({ runId }: { runId: string }): ReactNode {
  const query = useQuery(viewsQuery(runId));
  return (
    <Loaded query={query} rows={1}>
      {({ items }) =>
        items.length === 0 ? (
          <p className={css["dim"]}>Nobody has been shown the originals of this run yet.</p>
        ) : (
          <div>
            <p className={css["dim"]}>Shown {plural(items.length, "time")} before, the latest first:</p>
            <ul className={css["views"]}>
              {items.toReversed().map(({ by, at, reason }) => (
                <li key={`${at} ${by}`}>
                  <span>
                    <Line text={by} max={60} /> <Time at={at} relative />
                  </span>
                  <Block text={reason} shown={300} />
                </li>
              ))}
            </ul>
          </div>
        )
      }
    </Loaded>
  );
}

/** Stands over the page for as long as it shows originals. */
export function RevealedBanner({ originals, hide }: { originals: Originals; hide(): void }): ReactNode {
  return (
    <output className={css["banner"]}>
      <strong>Originals are shown.</strong>
      <span>
        You asked <Time at={originals.at} relative />: <Line text={originals.reason} max={120} />. What came later stays
        redacted; leaving the page hides all of it.
      </span>
      <Button variant="default" onClick={hide}>
        Hide them
      </Button>
    </output>
  );
}
