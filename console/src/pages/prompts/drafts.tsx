import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Badge } from "../../parts/badge.tsx";
import { plural } from "../../parts/format.ts";
import { Section } from "../../parts/page.tsx";
import { Failed } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { documentOf } from "./draft/document.ts";
import { draftQuery, promptQuery } from "./draft/queries.ts";
import css from "./prompts.module.css";

/** Begins a draft from a version and goes to it. */
export function useEdit(version: PromptVersion | undefined): {
  edit(): void;
  may: boolean;
  isBusy: boolean;
  error: Error | null;
} {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery);
  const begin = useMutation({
    mutationFn: (from: PromptVersion) =>
      call("POST /v1/prompts/{name}/drafts", {
        params: { name: from.name },
        body: { document: documentOf(from), base: from.version },
      }),
    onSuccess: async (draft) => {
      client.setQueryData(draftQuery(draft.name, draft.draft_id).queryKey, draft);
      await client.invalidateQueries({ queryKey: promptQuery(draft.name).queryKey });
      await navigate({
        to: "/prompts/$name/drafts/$draftId",
        params: { name: draft.name, draftId: draft.draft_id },
      });
    },
  });
  return {
    edit: () => {
      if (version !== undefined && !begin.isPending) begin.mutate(version);
    },
    may: atLeast(session, "editor"),
    isBusy: begin.isPending,
    error: begin.error,
  };
}

/** What is being written; nothing where nobody writes. */
export function Drafts({ name }: { name: string }): ReactNode {
  const query = useQuery(promptQuery(name));
  const drafts = query.data?.drafts ?? [];
  if (query.isError) return <Failed error={query.error} again={() => void query.refetch()} />;
  if (drafts.length === 0) return null;
  return (
    <Section title="Drafts" aside={plural(drafts.length, "draft")}>
      <ul className={css["drafts"]}>
        {drafts.map(({ draft_id: draftId, base, updated_at: at, updated_by: by, problems }) => {
          const wrong = problems.filter(({ severity }) => severity === "error").length;
          return (
            <li key={draftId}>
              <Link to="/prompts/$name/drafts/$draftId" params={{ name, draftId }}>
                {base === null ? "from nothing" : `from ${base}`}
              </Link>
              <span className={css["dim"]}>
                <Time at={at} relative /> by <Line text={by} max={60} />
              </span>
              {wrong > 0 && <Badge tone="bad">{plural(wrong, "mistake")}</Badge>}
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** For editors: a draft of their own from the version that is shown. */
export function EditButton({ editing }: { editing: ReturnType<typeof useEdit> }): ReactNode {
  return (
    <Button
      disabled={!editing.may}
      title={editing.may ? undefined : "Needs the role editor"}
      loading={editing.isBusy}
      onClick={editing.edit}
    >
      Edit as a draft
    </Button>
  );
}
