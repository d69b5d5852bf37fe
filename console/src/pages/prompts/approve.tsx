import { Button, Modal } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Tag } from "../../parts/badge.tsx";
import { Section } from "../../parts/page.tsx";
import { ReasonField } from "../../parts/reason-field.tsx";
import { Failed } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { TryInShadow } from "./shadow.tsx";
import css from "./prompts.module.css";

interface StandingProps {
  version: PromptVersion;
  /** That use the prompt. */
  workflows: readonly string[];
}

/** Who published the version, who agreed to it, and where it serves or could be tried. */
export function Standing({ version, workflows }: StandingProps): ReactNode {
  const [approving, setApproving] = useState(false);
  const { data: session } = useQuery(sessionQuery);
  const { name, version: number, risk, approvals, published_by: by, published_at: at, reason } = version;
  const hint = whyNot(version, session?.name, atLeast(session, "editor"));
  return (
    <Section
      title={`Standing of ${number}`}
      aside={
        <Button
          variant="default"
          size="compact-sm"
          disabled={hint !== undefined}
          title={hint}
          onClick={() => setApproving(true)}
        >
          Approve…
        </Button>
      }
    >
      <ul className={css["standing"]}>
        <li>
          {by === null ? (
            "Nobody has published it: it is served from its file."
          ) : (
            <>
              Published by <Line text={by} max={60} />, <Time at={at} />
              {reason !== null && (
                <>
                  : <Line text={reason} max={300} />
                </>
              )}
            </>
          )}
        </li>
        {approvals.map((each) => (
          <li key={`${each.by} ${each.at}`}>
            Approved by <Line text={each.by} max={60} />, <Time at={each.at} />: <Line text={each.reason} max={300} />
          </li>
        ))}
        {risk === "high" && approvals.length === 0 && (
          <li>
            <Tag>high risk</Tag> Somebody other than who published it has to approve it before a release may raise it.
          </li>
        )}
      </ul>
      <TryInShadow prompt={name} version={number} workflows={workflows} />
      {approving && <ApproveDialog version={version} onClose={() => setApproving(false)} />}
    </Section>
  );
}

function whyNot(
  { approvals, published_by: by }: PromptVersion,
  me: string | undefined,
  may: boolean,
): string | undefined {
  if (!may) return "Needs the role editor";
  if (by === me) return "You published it: somebody else has to approve it";
  return approvals.some((each) => each.by === me) ? "You have approved it" : undefined;
}

function ApproveDialog({ version, onClose }: { version: PromptVersion; onClose(): void }): ReactNode {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const { name, version: number } = version;
  const approve = useMutation({
    mutationFn: () =>
      call("POST /v1/prompts/{name}/versions/{version}/approve", {
        params: { name, version: number },
        body: { reason: reason.trim() },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["project", "prompts"] });
      await client.invalidateQueries({ queryKey: ["prompts", name] });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`Approve ${name}@${number}`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          approve.mutate();
        }}
      >
        <p>You agree to this very wording, schema and settings: an edit is another version.</p>
        <ReasonField reason={reason} onChange={setReason} />
        {approve.isError && <Failed error={approve.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button type="submit" disabled={reason.trim() === ""} loading={approve.isPending}>
            Approve
          </Button>
        </div>
      </form>
    </Modal>
  );
}
