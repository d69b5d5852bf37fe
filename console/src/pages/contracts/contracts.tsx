import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { contractsQuery, workflowsQuery } from "../../api/project.ts";
import { atLeast, sessionQuery } from "../../api/session.ts";
import type { Contract } from "../../api/schema.gen.ts";
import { Command } from "../../parts/copy.tsx";
import { count } from "../../parts/format.ts";
import { Listing } from "../../parts/listing.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import css from "./contracts.module.css";
import { driftQuery, quarantineQuery } from "./queries.ts";
import { byType, titleOf } from "./versions.ts";
import { Starts } from "./starts.tsx";

export function Contracts(): ReactNode {
  const query = useQuery(contractsQuery);
  return (
    <Page title="Contracts" about="What an event has to look like before it is taken: one schema for each version.">
      <Loaded query={query}>
        {({ items }) => (items.length === 0 ? <NoContracts /> : <List types={byType(items)} />)}
      </Loaded>
    </Page>
  );
}

function List({ types }: { types: readonly Contract[][] }): ReactNode {
  const { q } = useSearch({ from: "/frame/contracts" });
  const navigate = useNavigate({ from: "/contracts" });
  const { data: workflows } = useQuery(workflowsQuery);
  const { data: drift } = useQuery(driftQuery);
  const rows = types.flatMap((versions) => (versions[0] === undefined ? [] : [{ ...versions[0], versions }]));
  return (
    <Listing
      label="Contracts"
      what="contract"
      items={rows}
      keyOf={({ type }) => type}
      words={({ type, schema }) => `${type} ${titleOf(schema) ?? ""}`}
      q={q}
      onFilter={(next) => void navigate({ search: next === undefined ? {} : { q: next }, replace: true })}
      columns={[
        {
          name: "Event type",
          render: ({ type, schema }) => (
            <div className={css["named"]}>
              <Link to="/contracts/$type" params={{ type }}>
                {type}
              </Link>
              <span>{titleOf(schema)}</span>
            </div>
          ),
        },
        { name: "Versions", render: ({ versions }) => versions.map(({ version }) => version).join(", ") },
        { name: "Default", render: ({ versions }) => versions.find((each) => each.default)?.version ?? "none" },
        { name: "Starts", render: ({ type }) => <Starts type={type} workflows={workflows?.items} /> },
        {
          name: "Undeclared properties",
          num: true,
          render: ({ type }) => {
            const found = drift?.items.filter(({ event_type: each }) => each === type).length;
            if (found === undefined) return "…";
            return (
              <Link to="/contracts/$type" params={{ type }} hash="drift" aria-label={`${found} undeclared properties`}>
                {count(found)}
              </Link>
            );
          },
        },
        { name: "In quarantine", num: true, render: ({ type }) => <Quarantined type={type} /> },
      ]}
    />
  );
}

/** Of the newest that are kept; only operators may look at them. */
function Quarantined({ type }: { type: string }): ReactNode {
  const { data: session } = useQuery(sessionQuery);
  const allowed = atLeast(session, "operator");
  const { data } = useQuery({ ...quarantineQuery, enabled: allowed });
  if (!allowed) return <span title="Operators see what is in quarantine">–</span>;
  if (data === undefined) return "…";
  const found = data.items.filter(({ event_type: each }) => each === type).length;
  return (
    <Link to="/contracts/$type" params={{ type }} hash="quarantine" aria-label={`${found} in quarantine`}>
      {count(found)}
      {data.next_cursor !== null && "+"}
    </Link>
  );
}

const EXAMPLE = `{
  "type": "object",
  "required": ["event", "event_id", "created_at", "ticket"],
  "properties": {
    "event": { "const": "ticket.created" },
    "event_id": { "type": "string" },
    "created_at": { "type": "string", "format": "date-time" },
    "ticket": {
      "type": "object",
      "required": ["id", "body"],
      "properties": {
        "id": { "type": "string" },
        "body": { "type": "string", "x-sensitive": true }
      }
    }
  }
}`;

function NoContracts(): ReactNode {
  return (
    <Empty title="The project has no contracts yet.">
      <p>
        Each version of an event is a JSON Schema of its own: <Command text="events/ticket.created/1.schema.json" />
      </p>
      <pre className={css["example"]}>{EXAMPLE}</pre>
      <p>
        Then <Command text="sluice check" /> says whether it is sound.
      </p>
    </Empty>
  );
}
