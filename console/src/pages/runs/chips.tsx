import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { count } from "../../parts/format.ts";
import { usePreferences, zoneOf } from "../../parts/preferences.ts";
import { Line } from "../../parts/text.tsx";
import { chipsOf } from "./labels.ts";
import type { Filters } from "./use-filters.ts";
import css from "./chips.module.css";

/** How many runs match, and what they are filtered by, each to be taken away. */
export function Chips({ filters, total }: { filters: Filters; total: number | undefined }): ReactNode {
  const zone = zoneOf(usePreferences());
  const chips = chipsOf(filters.filters, zone);
  return (
    <div className={css["bar"]}>
      <output className={css["total"]}>
        {total === undefined ? "…" : count(total)} {total === 1 ? "run" : "runs"}
      </output>
      <ul className={css["chips"]} aria-label="Filters">
        {chips.map(({ names, label, value }) => (
          <li key={label} className={css["chip"]}>
            <span className={css["label"]}>{label}</span>
            <Line text={value} max={60} />
            <button
              type="button"
              aria-label={`Remove the filter ${label} ${value}`}
              title="Remove"
              onClick={() => filters.set(Object.fromEntries(names.map((name) => [name, undefined])))}
            >
              <IconX size={13} aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      {chips.length > 0 && (
        <button type="button" className={css["clear"]} onClick={filters.clear}>
          Clear all
        </button>
      )}
    </div>
  );
}
