import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Tag } from "../../parts/badge.tsx";
import { Command } from "../../parts/copy.tsx";
import { percent } from "../../parts/format.ts";
import type { Release } from "../../api/schema.gen.ts";
import { Listing } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Page } from "../../parts/page.tsx";
import { Empty, Loaded } from "../../parts/states.tsx";
import { Line } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { Rungs } from "./ladder.tsx";
import { releasesQuery } from "./queries.ts";
import css from "./releases.module.css";

const ABOUT = "What each workflow may do at present. Every raise needs evidence; lowering needs only a reason.";

const COLUMNS: readonly Column<Release>[] = [
  {
    name: "Workflow",
    render: ({ workflow }) => (
      <Link to="/releases/$workflow" params={{ workflow }}>
        {workflow}
      </Link>
    ),
  },
  { name: "Stage", render: ({ stage }) => <Rungs stage={stage} /> },
  { name: "Share", num: true, render: ({ share }) => percent(share, 0) },
  {
    name: "Release",
    num: true,
    render: ({ number, development }) => (
      <>
        {development && <Tag title="Made by sluice dev, without the gate">development</Tag>} {number}
      </>
    ),
  },
  {
    name: "Since",
    render: ({ created_at: at, created_by: by }) => (
      <>
        <Time at={at} relative /> by <Line text={by} max={40} />
      </>
    ),
  },
  {
    name: "Why",
    render: ({ reason }) => (
      <span className={css["why"]}>
        <Line text={reason} max={90} />
      </span>
    ),
  },
];

/** The present release of every workflow. */
export function Releases(): ReactNode {
  const query = useQuery(releasesQuery);
  const { q } = useSearch({ from: "/frame/releases" });
  const navigate = useNavigate({ from: "/releases" });
  return (
    <Page title="Releases" about={ABOUT}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <NoReleases />
          ) : (
            <Listing
              label="Releases"
              what="workflow"
              items={items}
              keyOf={({ workflow }) => workflow}
              words={({ workflow, stage, created_by: by, reason }) => `${workflow} ${stage} ${by} ${reason}`}
              q={q}
              onFilter={(next) => void navigate({ search: next === undefined ? {} : { q: next }, replace: true })}
              columns={COLUMNS}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

function NoReleases(): ReactNode {
  return (
    <Empty title="Nothing is released: the project has no workflow yet.">
      <p>
        Make one below <code>workflows/</code>, and <Command text="sluice check" /> says whether it is sound. Under{" "}
        <code>sluice serve</code> it begins at stage shadow: it decides on record and writes nothing.
      </p>
    </Empty>
  );
}
