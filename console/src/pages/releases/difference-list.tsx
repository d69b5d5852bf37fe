import type { ReactNode } from "react";
import { Line } from "../../parts/text.tsx";
import type { Difference } from "./difference.ts";
import css from "./releases.module.css";

/** What is other, each thing with what it was and is. */
export function DifferenceList({ differences }: { differences: readonly Difference[] }): ReactNode {
  if (differences.length === 0) return <p className={css["dim"]}>The same in all but who, when and why.</p>;
  return (
    <ul className={css["differences"]}>
      {differences.map(({ what, before, after }) => (
        <li key={what}>
          <code>{what}</code> <Line text={before} max={90} /> →{" "}
          <strong>
            <Line text={after} max={90} />
          </strong>
        </li>
      ))}
    </ul>
  );
}
