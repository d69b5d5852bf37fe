import { Button, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { ChangedRelease, ReleaseProposal } from "../../api/schema.gen.ts";
import { plural } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { ReasonField } from "../../parts/reason-field.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { proposalsQuery, useReleaseChange } from "./queries.ts";
import css from "./releases.module.css";
import { Changes, Refused } from "./requirements.tsx";

interface ProposalsProps {
  workflow: string;
  mayAct: boolean;
  /** Who looks. */
  me: string | undefined;
}

/** Changes that wait for a second person; nothing where none does. */
export function Proposals({ workflow, mayAct, me }: ProposalsProps): ReactNode {
  const { data } = useQuery(proposalsQuery(workflow));
  const [asked, setAsked] = useState<{ proposal: ReleaseProposal; answer: "approve" | "reject" } | null>(null);
  const open = (data?.items ?? []).filter(({ state }) => state === "open");
  if (open.length === 0) return null;
  return (
    <Section title={`${plural(open.length, "change waits", "changes wait")} for a second person`}>
      <ul className={css["proposals"]}>
        {open.map((proposal) => {
          const isMine = proposal.by === me;
          const hint = !mayAct ? "Needs the role operator" : isMine ? "It has to be somebody else" : undefined;
          return (
            <li key={proposal.proposal_id}>
              <p>
                <Line text={proposal.by} max={60} />, <Time at={proposal.created_at} />:{" "}
                <Line text={proposal.reason} max={300} />
              </p>
              <Changes changes={proposal.changes} />
              <Missing proposal={proposal} />
              <div className={css["acts"]}>
                <Button
                  disabled={!mayAct || isMine}
                  title={hint}
                  onClick={() => setAsked({ proposal, answer: "approve" })}
                >
                  Approve…
                </Button>
                <Button
                  variant="default"
                  disabled={!mayAct}
                  title={mayAct ? undefined : hint}
                  onClick={() => setAsked({ proposal, answer: "reject" })}
                >
                  {isMine ? "Withdraw…" : "Reject…"}
                </Button>
                {isMine && <span className={css["dim"]}>You proposed it: somebody else has to agree.</span>}
              </div>
            </li>
          );
        })}
      </ul>
      {asked !== null && <AnswerDialog {...asked} onClose={() => setAsked(null)} />}
    </Section>
  );
}

/** What it lacks: only a second person, or all that it would go past. */
function Missing({ proposal: { missing, override } }: { proposal: ReleaseProposal }): ReactNode {
  if (!override) return null;
  return (
    <div className={css["override"]}>
      <p>It would go past the gate. Missing:</p>
      <ul>
        {missing.map(({ code, message }) => (
          <li key={`${code} ${message}`}>
            <Line text={message} max={500} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface AnswerProps {
  proposal: ReleaseProposal;
  answer: "approve" | "reject";
  onClose(): void;
}

function AnswerDialog({ proposal, answer, onClose }: AnswerProps): ReactNode {
  const [reason, setReason] = useState("");
  const params = { workflow: proposal.workflow, id: proposal.proposal_id };
  const body = { reason: reason.trim() };
  const approving = answer === "approve";
  const send = (): Promise<ChangedRelease | ReleaseProposal> =>
    approving
      ? call("POST /v1/releases/{workflow}/proposals/{id}/approve", { params, body })
      : call("POST /v1/releases/{workflow}/proposals/{id}/reject", { params, body });
  const mutation = useReleaseChange(send, (result) => {
    notifications.show({
      message: "number" in result ? `Release ${result.number} is in force` : "The change was rejected",
    });
    onClose();
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={approving ? "Agree to this change" : "Reject this change"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate(undefined);
        }}
      >
        <Changes changes={proposal.changes} />
        <Missing proposal={proposal} />
        <ReasonField reason={reason} onChange={setReason} />
        {mutation.isError && <Refused error={mutation.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button
            type="submit"
            {...(approving ? {} : { color: "red" })}
            disabled={body.reason === ""}
            loading={mutation.isPending}
          >
            {approving ? "Agree: put it in force" : "Reject"}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
