import { useState } from "react";
import type { ReactNode } from "react";
import { count, plural } from "./format.ts";
import { Pieces } from "./text.tsx";
import css from "./json.module.css";

/** Characters of one text, and members of one object or list, shown before the rest is asked for. */
const TEXT_SHOWN = 600;
const MEMBERS_SHOWN = 50;
/** Deeper objects begin closed. */
const OPEN_DEPTH = 4;

const REDACTED = /^\[redacted:([^:\]]+):[^\]]*\]$/;

/** A JSON value as a tree, inert; long texts and lists open on demand. */
export function JsonView({ value }: { value: unknown }): ReactNode {
  return (
    <div className={css["json"]}>
      <Value value={value} depth={0} />
    </div>
  );
}

function Value({ value, depth }: { value: unknown; depth: number }): ReactNode {
  if (typeof value === "string") return <Text text={value} />;
  if (value === null || value === undefined) return <span className={css["none"]}>null</span>;
  if (typeof value !== "object") return <span className={css["literal"]}>{String(value)}</span>;
  const members = Array.isArray(value)
    ? value.map((each, index) => [String(index), each] as const)
    : Object.entries(value as Record<string, unknown>);
  if (members.length === 0) return <span className={css["none"]}>{Array.isArray(value) ? "[]" : "{}"}</span>;
  return <Members members={members} isList={Array.isArray(value)} depth={depth} />;
}

interface MembersProps {
  members: readonly (readonly [string, unknown])[];
  isList: boolean;
  depth: number;
}

function Members({ members, isList, depth }: MembersProps): ReactNode {
  const [open, setOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(MEMBERS_SHOWN);
  const what = isList ? plural(members.length, "item") : plural(members.length, "field");
  if (!open)
    return (
      <button type="button" className={css["fold"]} onClick={() => setOpen(true)}>
        {isList ? "[…]" : "{…}"} {what}
      </button>
    );
  return (
    <div className={depth === 0 ? css["root"] : css["members"]}>
      {members.slice(0, shown).map(([name, value]) => (
        <div key={name} className={css["member"]}>
          <span className={isList ? css["index"] : css["name"]}>
            <Pieces text={name} />
          </span>
          <Value value={value} depth={depth + 1} />
        </div>
      ))}
      {members.length > shown && (
        <button type="button" className={css["fold"]} onClick={() => setShown(shown * 10)}>
          … {count(members.length - shown)} more
        </button>
      )}
    </div>
  );
}

function Text({ text }: { text: string }): ReactNode {
  const [all, setAll] = useState(false);
  const kind = REDACTED.exec(text)?.[1];
  if (kind !== undefined)
    return (
      <span className={css["redacted"]} title={`Redacted (${kind}). Equal values have equal marks: ${text}`}>
        redacted {kind}
      </span>
    );
  const long = text.length > TEXT_SHOWN;
  return (
    <span className={css["text"]}>
      <bdi>
        <Pieces text={long && !all ? text.slice(0, TEXT_SHOWN) : text} />
      </bdi>
      {text === "" && <span className={css["none"]}>empty</span>}
      {long && (
        <button type="button" className={css["fold"]} onClick={() => setAll(!all)}>
          {all ? "show less" : `… show all ${count(text.length)} characters`}
        </button>
      )}
    </span>
  );
}
