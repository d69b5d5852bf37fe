import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { counted, lastDayQuery } from "../../api/last-day.ts";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { RunsLink } from "../../parts/runs-link.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import css from "./prompts.module.css";

/** Every version that is deployed, the newest first. */
export function VersionList({ versions }: { versions: readonly PromptVersion[] }): ReactNode {
  const { data: day } = useQuery(lastDayQuery);
  return (
    <Section title="Versions" aside={plural(versions.length, "version")} flush>
      <Table
        label="Versions"
        items={versions}
        keyOf={({ version }) => version}
        columns={[
          {
            name: "Version",
            render: ({ name, version }) => (
              <Link to="/prompts/$name" params={{ name }} search={{ version }}>
                {version}
              </Link>
            ),
          },
          { name: "Model", render: ({ model }) => <code>{model}</code> },
          { name: "Owner", render: ({ owner }) => owner },
          { name: "Risk", render: ({ risk }) => risk },
          {
            name: "Published by",
            render: ({ published_by: by, published_at: at }) =>
              by === null ? (
                "its file"
              ) : (
                <>
                  <Line text={by} max={40} />, <Time at={at} relative />
                </>
              ),
          },
          {
            name: "Approved by",
            render: ({ approvals }) => (approvals.length === 0 ? "–" : approvals.map(({ by }) => by).join(", ")),
          },
          { name: "Serves", render: ({ serves, candidate_in: tried }) => <Serves serves={serves} tried={tried} /> },
          { name: "Hash", render: ({ hash }) => <code>{hash.slice(0, 12)}</code> },
          {
            name: "Runs, last 24 h",
            num: true,
            render: ({ name, version }) => (
              <RunsLink
                n={counted(day?.facets.prompt_version, (value) => value === `${name}@${version}`)}
                search={{ prompt_version: `${name}@${version}`, since: "24h" }}
                what={`runs of the last 24 hours with ${version}`}
              />
            ),
          },
        ]}
      />
    </Section>
  );
}

/** The workflows whose present release serves a version, or tries it. */
function Serves({ serves, tried }: { serves: readonly string[]; tried: readonly string[] }): ReactNode {
  if (serves.length + tried.length === 0) return <span className={css["dim"]}>nowhere</span>;
  const link = (workflow: string): ReactNode => (
    <Link to="/releases/$workflow" params={{ workflow }}>
      {workflow}
    </Link>
  );
  return (
    <ul className={css["used"]}>
      {serves.map((workflow) => (
        <li key={workflow}>{link(workflow)}</li>
      ))}
      {tried.map((workflow) => (
        <li key={workflow}>
          {link(workflow)} <span className={css["dim"]}>as a candidate</span>
        </li>
      ))}
    </ul>
  );
}
