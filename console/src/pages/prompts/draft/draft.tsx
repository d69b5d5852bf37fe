import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../../api/client.ts";
import type { PromptDraft } from "../../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../../api/session.ts";
import { Badge } from "../../../parts/badge.tsx";
import { Diff } from "../../../parts/diff.tsx";
import { Notice } from "../../../parts/notice.tsx";
import { Page } from "../../../parts/page.tsx";
import { useShortcuts } from "../../../parts/shortcuts.tsx";
import { Failed, Loaded } from "../../../parts/states.tsx";
import { Line } from "../../../parts/text.tsx";
import { Time } from "../../../parts/time.tsx";
import type { TextName } from "./document.ts";
import css from "./draft.module.css";
import { Editor } from "./editor.tsx";
import { Preview } from "./preview.tsx";
import { PublishDialog } from "./publish.tsx";
import { draftQuery, promptQuery } from "./queries.ts";
import { useUsing } from "../using.ts";
import { useSaving } from "./saving.ts";
import type { Saving } from "./saving.ts";

/** A version that is being written, beside what it would have decided. */
export function DraftPage(): ReactNode {
  const { name, draftId } = useParams({ from: "/frame/prompts/$name/drafts/$draftId" });
  const query = useQuery(draftQuery(name, draftId));
  const { data: session } = useQuery(sessionQuery);
  if (query.data === undefined || session === undefined)
    return (
      <Page title={`Draft of ${name}`}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return <Desk key={draftId} stored={query.data} mayWrite={atLeast(session, "editor")} />;
}

function Desk({ stored, mayWrite }: { stored: PromptDraft; mayWrite: boolean }): ReactNode {
  const { name, problems } = stored;
  const saving = useSaving(stored);
  const [broken, setBroken] = useState<readonly TextName[]>([]);
  const using = useUsing(name);
  const isSound = broken.length === 0 && problems.every(({ severity }) => severity === "warning");
  const why = whyNot(mayWrite, isSound, saving.state);
  return (
    <Page
      title={`Draft of ${name}`}
      heading={
        <>
          Draft of{" "}
          <Link to="/prompts/$name" params={{ name }}>
            {name}
          </Link>
        </>
      }
      about={<About stored={stored} saving={saving} isBroken={broken.length > 0} />}
      actions={
        <>
          <Drop stored={stored} mayWrite={mayWrite} />
          <Publish stored={stored} using={using} why={why} />
        </>
      }
    >
      {saving.state === "moved" && <Moved stored={stored} saving={saving} />}
      {saving.state === "failed" && <Failed error={saving.error} again={saving.saveOver} />}
      <div className={css["desk"]}>
        <div className={css["editor"]}>
          <Editor
            document={saving.document}
            problems={problems}
            isReadOnly={!mayWrite}
            onChange={saving.change}
            onBroken={(text, isBroken) =>
              setBroken((before) => [...before.filter((each) => each !== text), ...(isBroken ? [text] : [])])
            }
          />
        </div>
        <div className={css["beside"]}>
          <Preview name={name} document={isSound ? stored.document : null} workflows={using} />
        </div>
      </div>
    </Page>
  );
}

interface PublishProps {
  stored: PromptDraft;
  using: readonly string[];
  /** Why it cannot be published now; undefined: it can. */
  why: string | undefined;
}

/** The dialog stays where it is once the draft is published: from there the version is tried. */
function Publish({ stored, using, why }: PublishProps): ReactNode {
  const [published, setPublished] = useState<PromptDraft | null>(null);
  useShortcuts("Draft", why === undefined ? [{ keys: "p", label: "Publish it", run: () => setPublished(stored) }] : []);
  return (
    <>
      <Button disabled={why !== undefined} title={why} onClick={() => setPublished(stored)}>
        Publish…
      </Button>
      {published !== null && <PublishDialog draft={published} workflows={using} onClose={() => setPublished(null)} />}
    </>
  );
}

function whyNot(mayWrite: boolean, isSound: boolean, state: Saving["state"]): string | undefined {
  if (!mayWrite) return "Needs the role editor";
  if (!isSound) return "It has mistakes";
  return state === "saved" ? undefined : "It is not saved yet";
}

interface AboutProps {
  stored: PromptDraft;
  saving: Saving;
  isBroken: boolean;
}

function About({ stored, saving, isBroken }: AboutProps): ReactNode {
  const { base, revision, updated_at: at, updated_by: by } = stored;
  const state = isBroken ? ({ tone: "bad", says: "not saved: it is not JSON" } as const) : STATES[saving.state];
  return (
    <span className={css["about"]}>
      {base !== null && <span>Begun from {base}.</span>}
      <span>
        Revision {revision}, <Time at={at} relative /> by <Line text={by} max={60} />
      </span>
      <span aria-live="polite">
        <Badge tone={state.tone}>{state.says}</Badge>
      </span>
    </span>
  );
}

const STATES = {
  saved: { tone: "ok", says: "saved" },
  saving: { tone: "run", says: "saving" },
  unsaved: { tone: "wait", says: "not saved yet" },
  moved: { tone: "bad", says: "not saved: it was changed elsewhere" },
  failed: { tone: "bad", says: "not saved" },
} as const;

/** Somebody else, or another tab, has changed it: nothing is put over that unasked. */
function Moved({ stored, saving }: { stored: PromptDraft; saving: Saving }): ReactNode {
  return (
    <Notice title={`${stored.updated_by} has changed this draft meanwhile`}>
      <div className={css["moved"]}>
        <p>Revision {stored.revision} is at the left, what you have typed at the right.</p>
        <Diff
          before={JSON.stringify(stored.document, null, 2)}
          after={JSON.stringify(saving.document, null, 2)}
          titles={[`Revision ${stored.revision}`, "Yours, not saved"]}
        />
        <div className={css["acts"]}>
          <Button variant="default" onClick={saving.takeTheirs}>
            Go on from theirs
          </Button>
          <Button variant="default" onClick={saving.saveOver}>
            Save mine over it
          </Button>
        </div>
      </div>
    </Notice>
  );
}

function Drop({ stored, mayWrite }: { stored: PromptDraft; mayWrite: boolean }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [sure, setSure] = useState(false);
  const { name, draft_id: draftId } = stored;
  const drop = useMutation({
    mutationFn: () => call("DELETE /v1/prompts/{name}/drafts/{draft_id}", { params: { name, draft_id: draftId } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: promptQuery(name).queryKey });
      await navigate({ to: "/prompts/$name", params: { name } });
    },
  });
  if (!mayWrite) return null;
  return (
    <>
      {drop.isError && <Failed error={drop.error} />}
      <Button
        variant="default"
        loading={drop.isPending}
        onClick={() => (sure ? drop.mutate() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        {sure ? "Really discard it" : "Discard…"}
      </Button>
    </>
  );
}
