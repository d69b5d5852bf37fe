import { useContext } from "react";
import type { ReactNode } from "react";
import type { Traffic } from "../../api/schema.gen.ts";
import { count, duration } from "../../parts/format.ts";
import { Table } from "../../parts/listing.tsx";
import type { Column } from "../../parts/listing.tsx";
import { Section } from "../../parts/page.tsx";
import { Line } from "../../parts/text.tsx";
import type { Picture, Spot, Way } from "./picture.ts";
import { LookedAt, RunsLink, filtersOfWay } from "./runs-link.tsx";
import { KIND_WORDS, essenceOf, nameOf } from "./words.ts";
import css from "./workflow.module.css";

/** The picture in rows: every node and every way, with what leads on. */
export function PictureTables({ picture, onOpen }: { picture: Picture; onOpen: (id: string) => void }): ReactNode {
  const { runs } = useContext(LookedAt);
  const ways = [...picture.ways, ...picture.spots.flatMap(({ exits }) => exits)];
  return (
    <>
      <Section title="Nodes" flush>
        <Table label="Nodes" items={picture.spots} columns={nodeColumns(runs, onOpen)} keyOf={({ node }) => node.id} />
      </Section>
      <Section title="Ways" flush>
        <Table label="Ways" items={ways} columns={wayColumns(runs)} keyOf={({ id }) => id} />
      </Section>
    </>
  );
}

function nodeColumns(runs: number, onOpen: (id: string) => void): Column<Spot>[] {
  return [
    {
      name: "Node",
      render: ({ node }) => (
        <button type="button" className={css["plain"]} data-row={node.id} onClick={() => onOpen(node.id)}>
          <Line text={node.label} max={80} />
        </button>
      ),
    },
    { name: "Kind", render: ({ node }) => KIND_WORDS[node.kind] },
    { name: "What", render: ({ node }) => <Line text={essenceOf(node)} max={120} /> },
    {
      name: "Runs",
      num: true,
      render: ({ node, count: passed, members }) =>
        runs === 0 ? (
          "–"
        ) : members.length > 1 ? (
          <button type="button" className={css["plain"]} onClick={() => onOpen(node.id)}>
            {count(passed)}
          </button>
        ) : (
          <RunsLink filters={{ edge_to: members[0]?.id ?? node.id }}>{count(passed)}</RunsLink>
        ),
    },
    { name: "Failed", num: true, render: ({ errors }) => (runs === 0 ? "–" : count(errors)) },
    { name: "p50", num: true, render: ({ p50 }) => time(p50) },
    { name: "p95", num: true, render: ({ p95, members }) => bound(p95, members.length) },
    { name: "Timed runs", num: true, render: ({ sample }) => count(sample) },
  ];
}

function wayColumns(runs: number): Column<Way>[] {
  return [
    { name: "From", render: ({ from }) => <Line text={nameOf(from)} max={80} /> },
    { name: "To", render: ({ to }) => <Line text={nameOf(to)} max={80} /> },
    {
      name: "When",
      render: ({ label, kind, implied }) => (
        <>
          <span className={kind === "failure" ? css["bad"] : undefined}>
            <Line text={label ?? "always"} max={160} />
          </span>
          {implied && <span className={css["dim"]}> by itself</span>}
        </>
      ),
    },
    {
      name: "Runs",
      num: true,
      render: (way) => (runs === 0 ? "–" : <WayCount way={way} />),
    },
    { name: "p95", num: true, render: ({ p95, members }) => bound(p95, members.length) },
    { name: "Timed runs", num: true, render: ({ sample }) => count(sample) },
  ];
}

/** Where the runs know a way by several names, a figure for each. */
function WayCount({ way }: { way: Way }): ReactNode {
  if (way.members.length <= 1) return <RunsLink filters={filtersOfWay(way)}>{count(way.count)}</RunsLink>;
  return way.members.map((member) => (
    <div key={`${member.from} ${member.to}`}>
      <span className={css["dim"]}>
        {nameOf(member.from)} → {nameOf(member.to)}{" "}
      </span>
      <RunsLink filters={filtersOfWay({ ...member, members: [member] })}>{count(member.count)}</RunsLink>
    </div>
  ));
}

function time(ms: number | null): string {
  return ms === null ? "–" : duration(ms);
}

function bound(ms: number | null, names: number): string {
  return ms !== null && names > 1 ? `≤ ${duration(ms)}` : time(ms);
}

type TrafficNode = Traffic["nodes"][number];
type TrafficEdge = Traffic["edges"][number];

const STRANGE_NODES: Column<TrafficNode>[] = [
  { name: "Step", render: ({ id }) => <Line text={nameOf(id)} max={80} /> },
  { name: "Runs", num: true, render: ({ id, count: n }) => <RunsLink filters={{ edge_to: id }}>{count(n)}</RunsLink> },
  { name: "Failed", num: true, render: ({ errors }) => count(errors) },
  { name: "p95", num: true, render: ({ p95_ms: ms }) => time(ms) },
];

const STRANGE_WAYS: Column<TrafficEdge>[] = [
  { name: "From", render: ({ from }) => <Line text={nameOf(from)} max={80} /> },
  { name: "To", render: ({ to }) => <Line text={nameOf(to)} max={80} /> },
  {
    name: "Runs",
    num: true,
    render: ({ from, to, count: n }) => <RunsLink filters={{ edge_from: from, edge_to: to }}>{count(n)}</RunsLink>,
  },
  { name: "p95", num: true, render: ({ p95_ms: ms }) => time(ms) },
];

/** What runs went through that the source does not have any more, or not yet. */
export function Strangers({ strangers: { nodes, ways } }: Pick<Picture, "strangers">): ReactNode {
  if (nodes.length === 0 && ways.length === 0) return null;
  return (
    <Section title="Seen in runs, not in the present source" flush>
      {nodes.length > 0 && (
        <Table
          label="Steps that are not in the present source"
          items={nodes}
          columns={STRANGE_NODES}
          keyOf={({ id }) => id}
        />
      )}
      {ways.length > 0 && (
        <Table
          label="Ways that are not in the present source"
          items={ways}
          columns={STRANGE_WAYS}
          keyOf={({ from, to }) => `${from} ${to}`}
        />
      )}
    </Section>
  );
}
