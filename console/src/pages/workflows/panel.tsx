import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useContext } from "react";
import type { ReactNode } from "react";
import type { GraphNode, Traffic } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Id } from "../../parts/copy.tsx";
import { count, duration, plural, words } from "../../parts/format.ts";
import { Line } from "../../parts/text.tsx";
import type { Picture, Spot, Way } from "./picture.ts";
import { LookedAt, RunsLink } from "./runs-link.tsx";
import { KIND_WORDS, hereWords, listOf, nameOf, p95Words, sampleWords, text } from "./words.ts";
import css from "./panel.module.css";

/** What there is to know of one node: what it does, where it is written, what passed it, and the ways in and out. */
export function NodePanel({ spot, picture, file, onClose }: PanelProps): ReactNode {
  const { node } = spot;
  const { runs } = useContext(LookedAt);
  const ways = [...picture.ways, ...picture.spots.flatMap(({ exits }) => exits)];
  return (
    <aside className={css["panel"]} aria-label={`${KIND_WORDS[node.kind]} ${node.label}`}>
      <header className={css["head"]}>
        <div>
          <p className={css["kind"]}>{KIND_WORDS[node.kind]}</p>
          <h2 className={css["title"]}>
            <Line text={node.label} />
          </h2>
        </div>
        <ActionIcon aria-label="Close" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </header>
      <dl className={css["facts"]}>
        <Details node={node} />
        {node.line !== null && (
          <Fact name="Written at">
            <Id id={`${text(node.detail["file"]) || file}:${node.line}`} what="place in the source" />
          </Fact>
        )}
      </dl>
      {node.repeated && <p className={css["note"]}>A run may pass here several times; it is counted once.</p>}
      {runs === 0 ? <p className={css["note"]}>No run in this window.</p> : <Passed spot={spot} />}
      <Ways title="Ways in" ways={ways.filter(({ to }) => to === node.id)} end="from" />
      <Ways title="Ways out" ways={ways.filter(({ from }) => from === node.id)} end="to" />
    </aside>
  );
}

interface PanelProps {
  spot: Spot;
  picture: Picture;
  /** The workflow's own. */
  file: string;
  onClose: () => void;
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Of each kind what the graph says of it, with the way to what it uses. */
function Details({ node: { kind, detail } }: { node: GraphNode }): ReactNode {
  const thresholds = Object.entries((detail["thresholds"] ?? {}) as Record<string, number | null>);
  return (
    <>
      {kind === "trigger" && (
        <Fact name="Event">
          <Link to="/contracts/$type" params={{ type: text(detail["event"]) }}>
            {text(detail["event"])}
          </Link>
          {text(detail["version"]) !== "" && `, version ${text(detail["version"])}`}
        </Fact>
      )}
      {kind === "prompt" && <PromptDetails detail={detail} />}
      {kind === "tool" && <ToolDetails detail={detail} />}
      {text(detail["holds"]) !== "" && (
        <Fact name="Has to hold">
          <code>{text(detail["holds"])}</code>
        </Fact>
      )}
      {kind === "review" && <ReviewDetails detail={detail} />}
      {text(detail["duration"]) !== "" && <Fact name="Sleeps for">{text(detail["duration"])}</Fact>}
      {listOf(detail["fields"]).length > 0 && <Fact name="Decides">{listOf(detail["fields"]).join(", ")}</Fact>}
      {thresholds.length > 0 && (
        <Fact name="Reached by">
          {thresholds.map(([name, value]) => (
            <div key={name}>
              <code>{name}</code> {value ?? "not set"}
            </div>
          ))}
        </Fact>
      )}
    </>
  );
}

function PromptDetails({ detail }: Pick<GraphNode, "detail">): ReactNode {
  const name = text(detail["prompt"]);
  const versions = listOf(detail["versions"]);
  if (name === "") return <Fact name="Prompt">none by this name in the workflow</Fact>;
  return (
    <>
      <Fact name="Prompt">
        <Link to="/prompts/$name" params={{ name }}>
          {name}
        </Link>
      </Fact>
      <Fact name="Versions">
        {versions.toReversed().map((version) => (
          <div key={version}>
            <Link to="/prompts/$name" params={{ name }} search={{ version }}>
              {version}
            </Link>
          </div>
        ))}
      </Fact>
      <Fact name="Model">{text(detail["model"]) || "none"}</Fact>
      {listOf(detail["fallbacks"]).length > 0 && (
        <Fact name="Falls back on">{listOf(detail["fallbacks"]).join(", then ")}</Fact>
      )}
      <Fact name="Answers">{listOf(detail["output"]).join(", ") || "anything"}</Fact>
    </>
  );
}

function ToolDetails({ detail }: Pick<GraphNode, "detail">): ReactNode {
  const name = text(detail["tool"]);
  if (name === "") return <Fact name="Tool">only known when it runs</Fact>;
  return (
    <>
      <Fact name="Tool">
        <Link to="/tools/$name" params={{ name }}>
          {name}
        </Link>
      </Fact>
      <Fact name="Effect">
        <span className={css["tags"]}>
          <Tag>{text(detail["effect"])}</Tag>
          {detail["effect"] === "write" && (
            <>
              <Tag>{text(detail["risk"])} risk</Tag>
              <Tag>{words(text(detail["kind"]))}</Tag>
              {detail["required"] === true && <Tag>required</Tag>}
            </>
          )}
        </span>
      </Fact>
      {listOf(detail["fallbacks"]).length > 0 && <Fact name="Falls back on">{listOf(detail["fallbacks"]).join()}</Fact>}
    </>
  );
}

function ReviewDetails({ detail }: Pick<GraphNode, "detail">): ReactNode {
  const { workflow } = useContext(LookedAt);
  const team = text(detail["team"]);
  return (
    <>
      {text(detail["of"]) !== "" && <Fact name="Of">{text(detail["of"])}</Fact>}
      {detail["asked_by"] === "engine" && (
        <Fact name="Asked">by the runtime itself, when that fails or is held back</Fact>
      )}
      {team !== "" && <Fact name="Team">{team}</Fact>}
      {text(detail["expires_in"]) !== "" && <Fact name="Expires in">{text(detail["expires_in"])}</Fact>}
      {listOf(detail["reveal"]).length > 0 && <Fact name="Shows">{listOf(detail["reveal"]).join(", ")}</Fact>}
      <Fact name="Queue">
        <Link to="/reviews" search={{ workflow, ...(team === "" ? {} : { team }) }}>
          {team === "" ? "open reviews of this workflow" : `open reviews of ${team}`}
        </Link>
      </Fact>
    </>
  );
}

/** The figures of a node; of one whose name is made when it runs, by name. */
function Passed({ spot }: { spot: Spot }): ReactNode {
  const members = spot.members.length > 0 ? spot.members : [noneAt(spot.node.id)];
  return (
    <section>
      <h3 className={css["sub"]}>In this window</h3>
      {members.length > 1 && (
        <p className={css["note"]}>
          Its name is made when it runs: {count(members.length)} names. A run with several is counted once for each.
        </p>
      )}
      {members.map((member) => (
        <Member key={member.id} member={member} named={members.length > 1 || member.id !== spot.node.id} />
      ))}
      {spot.here.map((edge) => (
        <p key={`${edge.from} ${edge.to}`} className={css["row"]}>
          <RunsLink filters={{ edge_from: edge.from, edge_to: edge.to }}>{plural(edge.count, "run")}</RunsLink>{" "}
          {hereWords(edge.to)} here
          {members.length > 1 && <> ({nameOf(edge.from)})</>}
        </p>
      ))}
    </section>
  );
}

type Passing = Traffic["nodes"][number];

function noneAt(id: string): Passing {
  return { id, count: 0, errors: 0, p50_ms: null, p95_ms: null, sample: 0 };
}

function Member({ member, named }: { member: Passing; named: boolean }): ReactNode {
  const { count: passed, errors, p50_ms: p50, p95_ms: p95, sample } = member;
  return (
    <div className={css["member"]}>
      {named && <p className={css["memberName"]}>{nameOf(member.id)}</p>}
      <p className={css["row"]}>
        <RunsLink filters={{ edge_to: member.id }}>{plural(passed, "run")}</RunsLink> came here
        {errors > 0 && <span className={css["bad"]}>, {count(errors)} failed</span>}
      </p>
      {p50 !== null && p95 !== null && (
        <p className={css["row"]}>
          p50 {duration(p50)}, p95 {duration(p95)} <span className={css["dim"]}>of {plural(sample, "run")}</span>
        </p>
      )}
    </div>
  );
}

function Ways({ title, ways, end }: { title: string; ways: readonly Way[]; end: "from" | "to" }): ReactNode {
  if (ways.length === 0) return null;
  return (
    <section>
      <h3 className={css["sub"]}>{title}</h3>
      <ul className={css["ways"]}>
        {ways.map((way) => (
          <li key={way.id}>
            <span className={way.kind === "failure" ? css["bad"] : undefined}>{nameOf(way[end])}</span>
            {way.label !== null && <span className={css["dim"]}> {way.label}</span>}
            <WayFigures way={way} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function WayFigures({ way }: { way: Way }): ReactNode {
  const { runs } = useContext(LookedAt);
  if (runs === 0) return null;
  if (way.members.length === 0) return <div className={css["dim"]}>no run</div>;
  return way.members.map((member) => (
    <div key={`${member.from} ${member.to}`}>
      <RunsLink filters={{ edge_from: member.from, edge_to: member.to }}>{plural(member.count, "run")}</RunsLink>
      <span className={css["dim"]} title={sampleWords(way)}>
        {way.members.length > 1 && ` ${nameOf(member.from)} → ${nameOf(member.to)}`}{" "}
        {p95Words({ p95: member.p95_ms, members: [member] })}
      </span>
    </div>
  ));
}
