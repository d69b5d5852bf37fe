import { call } from "../../api/client.ts";
import type { Operations } from "../../api/schema.gen.ts";
import type { RunPage } from "./list.ts";
import { toRow } from "./row.ts";
import { filtersOf } from "./search.ts";
import type { RunsSearch } from "./search.ts";

type Asked = NonNullable<Operations["GET /v1/runs"]["query"]>;

/** The filters as the API takes them. Whatever the address holds is asked for: the server says what is wrong with it. */
export function asked(search: RunsSearch): Asked {
  const { release, ...words } = Object.fromEntries(filtersOf(search)) as RunsSearch;
  return { ...(words as Asked), ...(release === undefined ? {} : { release: Number(release) }) };
}

/** Same filters, same text. */
export function filterKey(search: RunsSearch): string {
  return JSON.stringify(filtersOf(search));
}

export async function askRuns(
  search: RunsSearch,
  cursor: string | null,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<RunPage> {
  const page = await call("GET /v1/runs", {
    query: { ...asked(search), limit, ...(cursor === null ? {} : { cursor }) },
    ...(signal === undefined ? {} : { signal }),
  });
  return { rows: page.items.map(toRow), next: page.next_cursor };
}
