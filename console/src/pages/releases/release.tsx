import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Release } from "../../api/schema.gen.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import { Tag } from "../../parts/badge.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { ReleaseActs } from "./acts.tsx";
import { Candidates } from "./candidates.tsx";
import { ChangeDialog } from "./change-dialog.tsx";
import { Curve } from "./curve.tsx";
import { History } from "./history.tsx";
import { Ladder } from "./ladder.tsx";
import { Limits, Slots, Tools } from "./present.tsx";
import { Proposals } from "./proposals.tsx";
import { releaseQuery } from "./queries.ts";
import { Served } from "./served.tsx";
import { releaseSearch } from "./search.ts";
import type { Draft } from "./search.ts";

/** What one workflow may do at present, how that is changed, and how it came to be. */
export function ReleasePage(): ReactNode {
  const { workflow } = useParams({ from: "/frame/releases/$workflow" });
  const query = useQuery(releaseQuery(workflow));
  const { data } = query;
  if (data === undefined)
    return (
      <Page title={workflow}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  return <Present present={data} />;
}

function Present({ present }: { present: Release }): ReactNode {
  const { workflow, stage } = present;
  const { change } = useSearch({ from: "/frame/releases/$workflow" });
  const { data: session } = useQuery(sessionQuery);
  const navigate = useNavigate({ from: "/releases/$workflow" });
  const draft: Draft = (next) =>
    void navigate({
      search: (before) => releaseSearch({ ...before, change: next ?? undefined }),
      replace: true,
      resetScroll: false,
    });
  const mayAct = atLeast(session, "operator");
  return (
    <Page
      title={workflow}
      about={<Since present={present} />}
      actions={<ReleaseActs present={present} mayAct={mayAct} draft={draft} />}
    >
      <Proposals workflow={workflow} mayAct={mayAct} me={session?.name} />
      <Section
        title="Stage"
        aside={
          <Link to="/workflows/$name" params={{ name: workflow }}>
            The workflow
          </Link>
        }
        flush
      >
        <Ladder stage={stage} />
      </Section>
      <Served workflow={workflow} />
      <Limits present={present} />
      <Slots present={present} />
      <Candidates workflow={workflow} />
      <Tools present={present} mayAct={mayAct} draft={draft} />
      <Curve present={present} mayAct={mayAct} draft={draft} />
      <History workflow={workflow} mayAct={mayAct} />
      {change !== undefined && mayAct && <ChangeDialog present={present} drafted={change} draft={draft} />}
    </Page>
  );
}

function Since({ present }: { present: Release }): ReactNode {
  const { number, development, created_at: at, created_by: by, reason, override } = present;
  return (
    <>
      Release {number} since <Time at={at} /> by <Line text={by} max={60} />: <Line text={reason} max={200} />{" "}
      {development && <Tag title="Made by sluice dev, without the gate">development</Tag>}{" "}
      {override !== null && <Tag title={override.reason}>past the gate{override.solo ? ", alone" : ""}</Tag>}
    </>
  );
}
