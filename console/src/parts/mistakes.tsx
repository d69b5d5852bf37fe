import type { ReactNode } from "react";
import css from "./mistakes.module.css";
import { Line } from "./text.tsx";

/** One mistake in something that is being written. */
export interface MistakeSaid {
  message: string;
  fix?: string;
  severity: "error" | "warning";
  /** From 1, in the text beside it. */
  line?: number | null;
}

interface MistakesProps {
  mistakes: readonly MistakeSaid[];
  id?: string;
  /** Leads to a line of the text beside it. */
  onLine?: (line: number) => void;
}

/** Mistakes at the place they are in; nothing where there is none. */
export function Mistakes({ mistakes, id, onLine }: MistakesProps): ReactNode {
  return (
    <ul className={css["mistakes"]} id={id} aria-live="polite" data-empty={mistakes.length === 0}>
      {mistakes.map(({ message, fix, severity, line }) => (
        <li key={`${line ?? ""} ${message}`} data-severity={severity}>
          {typeof line === "number" &&
            (onLine === undefined ? (
              `Line ${line}: `
            ) : (
              <button type="button" onClick={() => onLine(line)}>
                Line {line}
              </button>
            ))}{" "}
          <Line text={message} max={500} /> {fix !== undefined && <Line text={fix} max={500} />}
        </li>
      ))}
    </ul>
  );
}
