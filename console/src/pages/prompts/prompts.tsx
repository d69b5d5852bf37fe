import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { counted, lastDayQuery } from "../../api/last-day.ts";
import { promptsQuery, workflowsQuery } from "../../api/project.ts";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { Command } from "../../parts/copy.tsx";
import { plural } from "../../parts/format.ts";
import { Listing } from "../../parts/listing.tsx";
import { Page } from "../../parts/page.tsx";
import { RunsLink } from "../../parts/runs-link.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./prompts.module.css";
import { byName } from "./versions.ts";
import { WhereUsed } from "./where-used.tsx";

export function Prompts(): ReactNode {
  const query = useQuery(promptsQuery);
  return (
    <Page
      title="Prompts"
      about="Every prompt, with its versions. A version never changes; a release says which one serves."
    >
      <Loaded query={query}>
        {({ items }) => (items.length === 0 ? <NoPrompts /> : <List prompts={byName(items)} />)}
      </Loaded>
    </Page>
  );
}

function List({ prompts }: { prompts: readonly PromptVersion[][] }): ReactNode {
  const { q } = useSearch({ from: "/frame/prompts" });
  const navigate = useNavigate({ from: "/prompts" });
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: day } = useQuery(lastDayQuery);
  const rows = prompts.flatMap((versions) => (versions[0] === undefined ? [] : [{ ...versions[0], versions }]));
  return (
    <Listing
      label="Prompts"
      what="prompt"
      items={rows}
      keyOf={({ name }) => name}
      words={({ name, owner, model, description }) => `${name} ${owner} ${model} ${description ?? ""}`}
      q={q}
      onFilter={(next) => void navigate({ search: next === undefined ? {} : { q: next }, replace: true })}
      columns={[
        {
          name: "Prompt",
          render: ({ name, description }) => (
            <div className={css["named"]}>
              <Link to="/prompts/$name" params={{ name }}>
                {name}
              </Link>
              {description !== undefined && <Line text={description} max={140} />}
            </div>
          ),
        },
        {
          name: "Newest version",
          render: ({ version, versions }) => (
            <div className={css["named"]}>
              <code>{version}</code>
              <span>{plural(versions.length, "version")}</span>
            </div>
          ),
        },
        { name: "Model", render: ({ model }) => <code>{model}</code> },
        { name: "Owner", render: ({ owner }) => owner },
        { name: "Serves", render: ({ versions }) => <Serving versions={versions} /> },
        { name: "Used by", render: ({ name }) => <WhereUsed prompt={name} workflows={workflows?.items} /> },
        {
          name: "Runs, last 24 h",
          num: true,
          render: ({ name }) => (
            <RunsLink
              n={counted(day?.facets.prompt_version, (value) => value.startsWith(`${name}@`))}
              search={{ prompt: name, since: "24h" }}
              what={`runs of the last 24 hours with ${name}`}
            />
          ),
        },
      ]}
    />
  );
}

/** Of all versions of a prompt, those that a present release serves. */
function Serving({ versions }: { versions: readonly PromptVersion[] }): ReactNode {
  const serving = versions.filter(({ serves }) => serves.length > 0);
  if (serving.length === 0) return <span className={css["dim"]}>none</span>;
  return serving.map(({ name, version }) => (
    <div key={version}>
      <Link to="/prompts/$name" params={{ name }} search={{ version }}>
        {version}
      </Link>
    </div>
  ));
}

const EXAMPLE = `name: ticket_classifier
version: "1"
owner: your-team
model: openai/gpt-4.1-mini
inputs: [ticket.subject, ticket.body]
messages:
  - {role: system, content: "Classify the support ticket."}
  - {role: user, content: "{{ ticket.subject }}\\n{{ ticket.body }}"}
output_schema:
  type: object
  required: [category]
  properties: {category: {type: string, enum: [billing, bug, other]}}`;

function NoPrompts(): ReactNode {
  return (
    <Empty title="The project has no prompts yet.">
      <p>
        Each version of a prompt is a file of its own: <Command text="prompts/ticket_classifier/1.yaml" />
      </p>
      <pre className={css["example"]}>{EXAMPLE}</pre>
      <p>
        Then <Command text="sluice check" /> says whether it is sound; <code>sluice dev</code> picks it up when it is
        saved.
      </p>
    </Empty>
  );
}
