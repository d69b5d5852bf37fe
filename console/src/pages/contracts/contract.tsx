import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { contractsQuery, workflowsQuery } from "../../api/project.ts";
import type { Contract } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Id } from "../../parts/copy.tsx";
import { Diff } from "../../parts/diff.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { schemaText } from "../../parts/schema-rows.ts";
import { SchemaTable } from "../../parts/schema-table.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import css from "./contracts.module.css";
import { Drift } from "./drift.tsx";
import { Quarantine } from "./quarantine.tsx";
import { Send } from "./send.tsx";
import { LastDay, Starts } from "./starts.tsx";
import { choose, titleOf, versionsOf } from "./versions.ts";
import type { Chosen } from "./versions.ts";

/** One type of event: what it has to look like, what came that is not declared, and what was refused. */
export function ContractPage(): ReactNode {
  const { type } = useParams({ from: "/frame/contracts/$type" });
  const search = useSearch({ from: "/frame/contracts/$type" });
  const query = useQuery(contractsQuery);
  const versions = versionsOf(query.data?.items ?? [], type);
  const chosen = choose(versions, search);
  if (query.data === undefined || chosen === null)
    return (
      <Page title={type}>
        <Loaded query={query}>
          {() => (
            <Empty
              title={versions.length === 0 ? "No contract of this type is deployed." : "This version is not deployed."}
            >
              <Link to="/contracts">See all contracts</Link>
            </Empty>
          )}
        </Loaded>
      </Page>
    );
  return <Known type={type} versions={versions} chosen={chosen} />;
}

interface KnownProps {
  type: string;
  versions: readonly Contract[];
  chosen: Chosen;
}

function Known({ type, versions, chosen: { version, against } }: KnownProps): ReactNode {
  const { data: workflows } = useQuery(workflowsQuery);
  return (
    <Page
      title={type}
      about={titleOf(version.schema)}
      actions={<VersionChoice versions={versions} version={version} against={against} />}
    >
      <Section title={`Version ${version.version}`} aside={version.default && <Tag>default</Tag>}>
        <Facts
          facts={[
            ["Taken for events without schema_version", version.default ? "yes" : "no"],
            ["Way to the next version", upcastOf(version, versions)],
            ["Starts", <Starts key="starts" type={type} workflows={workflows?.items} />],
            ["Runs, last 24 h", <LastDay key="runs" type={type} workflows={workflows?.items} />],
            ["File", <Id key="file" id={version.file} what="file" />],
          ]}
        />
      </Section>
      <Section title="Fields" flush>
        <SchemaTable schema={version.schema} label="Fields" />
      </Section>
      {against !== undefined && against !== version && <Changed before={against} after={version} />}
      <Drift type={type} />
      <Quarantine type={type} />
      <Send contract={version} />
    </Page>
  );
}

function upcastOf({ type, version, upcast }: Contract, versions: readonly Contract[]): string {
  if (!versions.some((each) => each.version > version)) return "it is the newest";
  return upcast ? `events/${type}/${version}.upcast.ts` : "none: only workflows that name this version take it";
}

interface VersionChoiceProps {
  versions: readonly Contract[];
  version: Contract;
  against: Contract | undefined;
}

function VersionChoice({ versions, version, against }: VersionChoiceProps): ReactNode {
  const navigate = useNavigate({ from: "/contracts/$type" });
  const at = versions.indexOf(version);
  const go = (next: string | null | undefined, beside?: string | null): void => {
    if (typeof next !== "string") return;
    void navigate({
      search: { version: next, ...(typeof beside === "string" ? { against: beside } : {}) },
      replace: true,
    });
  };
  const older = versions[at + 1];
  const newer = versions[at - 1];
  useShortcuts("Contract", [
    { keys: "[", label: "Older version", run: () => go(older && String(older.version)) },
    { keys: "]", label: "Newer version", run: () => go(newer && String(newer.version)) },
  ]);
  if (versions.length < 2) return null;
  const data = versions.map((each) => ({ value: String(each.version), label: `Version ${each.version}` }));
  return (
    <>
      {against !== undefined && (
        <>
          <Select
            aria-label="Compared with"
            data={data}
            value={String(against.version)}
            allowDeselect={false}
            onChange={(value) => go(String(version.version), value)}
          />
          <span aria-hidden="true">→</span>
        </>
      )}
      <Select
        aria-label="Version"
        data={data}
        value={String(version.version)}
        allowDeselect={false}
        onChange={(value) => go(value)}
      />
    </>
  );
}

function Changed({ before, after }: { before: Contract; after: Contract }): ReactNode {
  return (
    <Section title={`What changed from version ${before.version} to ${after.version}`}>
      <div className={css["stack"]}>
        <Diff
          before={schemaText(before.schema)}
          after={schemaText(after.schema)}
          titles={[`Version ${before.version}`, `Version ${after.version}`]}
        />
      </div>
    </Section>
  );
}
