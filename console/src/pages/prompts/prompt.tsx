import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { promptsQuery, workflowsQuery } from "../../api/project.ts";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { Page, Section } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Failed, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Standing } from "./approve.tsx";
import { Compare } from "./compare.tsx";
import { Drafts, EditButton, useEdit } from "./drafts.tsx";
import { EvidenceOf } from "./evidence.tsx";
import { promptSearch } from "./search.ts";
import { Served } from "./served.tsx";
import { Spec } from "./spec.tsx";
import { useUsing } from "./using.ts";
import { VersionChoice } from "./version-choice.tsx";
import { VersionList } from "./version-list.tsx";
import { choose, versionsOf } from "./versions.ts";
import type { Chosen } from "./versions.ts";
import { WhereUsed } from "./where-used.tsx";

/** One prompt: two of its versions beside each other, what each served and decided, and the whole of one. */
export function PromptPage(): ReactNode {
  const { name } = useParams({ from: "/frame/prompts/$name" });
  const search = useSearch({ from: "/frame/prompts/$name" });
  const query = useQuery(promptsQuery);
  const versions = versionsOf(query.data?.items ?? [], name);
  const chosen = choose(versions, search);
  if (query.data === undefined || chosen === null)
    return (
      <Page title={name}>
        <Loaded query={query}>{() => <Unknown name={name} versions={versions} />}</Loaded>
      </Page>
    );
  return <Chosen name={name} versions={versions} chosen={chosen} />;
}

function Unknown({ name, versions }: { name: string; versions: readonly PromptVersion[] }): ReactNode {
  if (versions.length === 0)
    return (
      <Empty title="No prompt of this name is deployed.">
        <Link to="/prompts">See all prompts</Link>, or{" "}
        <Link to="/runs" search={{ prompt: name }}>
          the runs that had it
        </Link>
      </Empty>
    );
  return (
    <Empty title="This version is not deployed.">
      <Link to="/prompts/$name" params={{ name }}>
        See the newest
      </Link>
    </Empty>
  );
}

interface ChosenProps {
  name: string;
  versions: readonly PromptVersion[];
  chosen: Chosen;
}

function Chosen({ name, versions, chosen: { version, against } }: ChosenProps): ReactNode {
  const navigate = useNavigate({ from: "/prompts/$name" });
  const { data: workflows } = useQuery(workflowsQuery);
  const go = (next: PromptVersion | undefined, beside: PromptVersion | undefined): void => {
    if (next === undefined) return;
    void navigate({
      search: (before) => promptSearch({ ...before, version: next.version, against: beside?.version }),
      replace: true,
    });
  };
  const at = versions.indexOf(version);
  const editing = useEdit(version);
  const using = useUsing(name);
  useShortcuts("Prompt", [
    { keys: "[", label: "Older version", run: () => go(versions[at + 1], undefined) },
    { keys: "]", label: "Newer version", run: () => go(versions[at - 1], undefined) },
    ...(editing.may ? [{ keys: "e", label: "Edit it as a draft", run: editing.edit }] : []),
    { keys: "x", label: "Swap the two versions", run: () => go(against, version) },
  ]);
  return (
    <Page
      title={name}
      about={version.description === undefined ? undefined : <Line text={version.description} max={200} />}
      actions={
        <>
          <VersionChoice versions={versions} version={version} against={against} onChoose={go} />
          <EditButton editing={editing} />
        </>
      }
    >
      {editing.error !== null && <Failed error={editing.error} />}
      <Drafts name={name} />
      {against !== undefined && <Compare before={against} after={version} />}
      <EvidenceOf version={version} against={against} />
      <Standing version={version} workflows={using} />
      <Served version={version} against={against} />
      <Spec prompt={version} versions={versions} />
      <Section title="Where it is used">
        <WhereUsed prompt={name} workflows={workflows?.items} />
      </Section>
      <VersionList versions={versions} />
    </Page>
  );
}
