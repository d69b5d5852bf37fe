import type { ReactNode } from "react";
import type { Json, ReviewItem } from "../../api/schema.gen.ts";
import { Tag } from "../../parts/badge.tsx";
import { Id } from "../../parts/copy.tsx";
import { JsonView } from "../../parts/json.tsx";
import { Section } from "../../parts/page.tsx";
import { Block, Pieces } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { isObject } from "./form/value.ts";
import css from "./review.module.css";

/** A value of the event and where it is, as `reveal` names it. */
interface Leaf {
  path: string;
  value: Json;
}

const ENVELOPE = new Set(["event", "event_id", "created_at", "schema_version"]);
/** Names under which people expect the headline of what came in. */
const HEADLINES = new Set(["subject", "title", "headline", "summary"]);
/** Longer texts are read, not looked up. */
const READ = 90;
const DEPTH = 4;

/** The event as somebody reads it: headline and texts first, the rest as facts. */
export function EventPanel({ item }: { item: ReviewItem }): ReactNode {
  const { event, revealed, run } = item;
  const leaves = leavesOf(event).filter(({ path }) => !ENVELOPE.has(path));
  const headline = leaves.find(({ path, value }) => HEADLINES.has(lastOf(path)) && typeof value === "string");
  const texts = leaves.filter((leaf) => leaf !== headline && isText(leaf));
  const facts = leaves.filter((leaf) => leaf !== headline && !texts.includes(leaf));
  const marked = (path: string): ReactNode => <Revealed is={revealed.includes(path)} />;
  return (
    <Section title="Event" aside={<Id id={run.event_id} what="event id" />}>
      <div className={css["event"]}>
        {headline !== undefined && (
          <div>
            <h3 className={css["headline"]}>
              <Block text={String(headline.value)} shown={400} />
            </h3>
            {marked(headline.path)}
          </div>
        )}
        {texts.map(({ path, value }) => (
          <div key={path}>
            <div className={css["path"]}>
              <Pieces text={path} /> {marked(path)}
            </div>
            <div className={css["prose"]}>
              {isRedacted(value) ? <JsonView value={value} /> : <Block text={String(value)} shown={3_000} />}
            </div>
          </div>
        ))}
        <dl className={css["facts"]}>
          {facts.map(({ path, value }) => (
            <div key={path}>
              <dt>
                <Pieces text={path} /> {marked(path)}
              </dt>
              <dd>
                <JsonView value={value} />
              </dd>
            </div>
          ))}
        </dl>
        <p className={css["dim"]}>
          {run.event_type} · came <Time at={run.created_at} />
        </p>
      </div>
    </Section>
  );
}

function Revealed({ is }: { is: boolean }): ReactNode {
  if (!is) return null;
  return <Tag title="Hidden from others. That you were shown it is on record.">revealed to you</Tag>;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function isRedacted(value: Json): boolean {
  return typeof value === "string" && /^\[redacted:[^\]]*\]$/.test(value);
}

const PROSE = new Set(["body", "text", "message", "description", "content", "comment"]);

function isText({ path, value }: Leaf): boolean {
  return typeof value === "string" && (value.length > READ || value.includes("\n") || PROSE.has(lastOf(path)));
}

/** Single values by their dotted path; lists, and what lies deeper, as one. */
function leavesOf(value: Json, path = "", depth = 0): Leaf[] {
  if (!isObject(value) || depth === DEPTH || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([name, member]) =>
    leavesOf(member, path === "" ? name : `${path}.${name}`, depth + 1),
  );
}
