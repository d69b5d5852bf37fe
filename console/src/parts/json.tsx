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

/** What is said of one place of a value: that it is wrong, or that it was hidden and is shown now. */
export interface JsonMark {
  tone: "bad" | "seen";
  note: string;
}

/** By JSON pointer. */
export type JsonMarks = ReadonlyMap<string, JsonMark>;

const UNMARKED: JsonMarks = new Map();

/** A JSON value as a tree, inert; long texts and lists open on demand. Marked places are always open. */
export function JsonView({ value, marks = UNMARKED }: { value: unknown; marks?: JsonMarks }): ReactNode {
  return (
    <div className={css["json"]}>
      <Marked mark={marks.get("")}>
        <Value value={value} depth={0} pointer="" marks={marks} />
      </Marked>
    </div>
  );
}

function Marked({ mark, children }: { mark: JsonMark | undefined; children: ReactNode }): ReactNode {
  if (mark === undefined) return children;
  return (
    <>
      <div className={css[mark.tone]}>
        <span className={css["note"]}>
          <Pieces text={mark.note} />
        </span>
      </div>
      {children}
    </>
  );
}

interface ValueProps {
  value: unknown;
  depth: number;
  pointer: string;
  marks: JsonMarks;
}

function Value({ value, depth, pointer, marks }: ValueProps): ReactNode {
  if (typeof value === "string") return <Text text={value} />;
  if (value === null || value === undefined) return <span className={css["none"]}>null</span>;
  if (typeof value !== "object") return <span className={css["literal"]}>{String(value)}</span>;
  const members = Array.isArray(value)
    ? value.map((each, index) => [String(index), each] as const)
    : Object.entries(value as Record<string, unknown>);
  if (members.length === 0) return <span className={css["none"]}>{Array.isArray(value) ? "[]" : "{}"}</span>;
  return <Members members={members} isList={Array.isArray(value)} depth={depth} pointer={pointer} marks={marks} />;
}

interface MembersProps extends Omit<ValueProps, "value"> {
  members: readonly (readonly [string, unknown])[];
  isList: boolean;
}

function Members({ members, isList, depth, pointer, marks }: MembersProps): ReactNode {
  const marked = [...marks.keys()].filter((place) => place.startsWith(`${pointer}/`));
  const [open, setOpen] = useState(depth < OPEN_DEPTH || marked.length > 0);
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
      {members
        .map(([name, value]) => ({ name, value, place: `${pointer}/${token(name)}` }))
        .filter(({ place }, index) => index < shown || marked.some((each) => `${each}/`.startsWith(`${place}/`)))
        .map(({ name, value, place }) => (
          <div key={name} className={`${css["member"]} ${css[marks.get(place)?.tone ?? ""] ?? ""}`}>
            <span className={isList ? css["index"] : css["name"]}>
              <Pieces text={name} />
            </span>
            <Value value={value} depth={depth + 1} pointer={place} marks={marks} />
            {marks.has(place) && (
              <span className={css["note"]}>
                <Pieces text={marks.get(place)?.note ?? ""} />
              </span>
            )}
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

/** A name as a part of a JSON pointer. */
function token(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function Text({ text }: { text: string }): ReactNode {
  const [all, setAll] = useState(false);
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
