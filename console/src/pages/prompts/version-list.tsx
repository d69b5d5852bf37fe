import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { counted, lastDayQuery } from "../../api/last-day.ts";
import type { PromptVersion } from "../../api/schema.gen.ts";
import { plural } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { RunsLink } from "../../parts/runs-link.tsx";

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
          { name: "Rolls back to", render: ({ rollback_version: version }) => version ?? "–" },
          { name: "Hash", render: ({ hash }) => <code>{hash.slice(0, 12)}</code> },
          { name: "File", render: ({ file }) => file ?? "–" },
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
