import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState } from "react";
import type { ReactNode } from "react";
import { openStream } from "./stream.ts";
import type { Changes, LineState } from "./stream.ts";

const Line = createContext<LineState>({ line: "connecting" });

/** Whether what is shown is kept up to date at this moment. */
export function useLine(): LineState {
  return useContext(Line);
}

/**
 * Keeps what is on the page fresh: a change of a run makes every query stale whose key begins with "runs" or is
 * `["run", its id, …]`; a change of the queue those that begin with "reviews". Busy servers are asked once a second.
 */
export function Live({ children, onSignedOut }: { children: ReactNode; onSignedOut: () => void }): ReactNode {
  const client = useQueryClient();
  const [state, setState] = useState<LineState>({ line: "connecting" });
  useEffect(() => {
    const fresh = refresher(client);
    const close = openStream({
      state: setState,
      changes: fresh.add,
      missed: () => void client.invalidateQueries(),
      signedOut: onSignedOut,
    });
    return () => {
      close();
      fresh.stop();
    };
  }, [client, onSignedOut]);
  return <Line value={state}>{children}</Line>;
}

const PAUSE_MS = 1_000;

/** The first change is acted on at once, those within a second after it together. */
function refresher(client: QueryClient): { add(changes: Changes): void; stop(): void } {
  let runs = new Set<string>();
  let [more, reviews] = [false, false];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    const [ids, all, queue] = [runs, more, reviews];
    [runs, more, reviews] = [new Set(), false, false];
    if (ids.size === 0 && !all && !queue) {
      timer = undefined;
      return;
    }
    timer = setTimeout(flush, PAUSE_MS);
    void client.invalidateQueries({
      predicate: ({ queryKey: [kind, id] }) => {
        if (kind === "runs") return ids.size > 0 || all;
        if (kind === "run") return all || ids.has(String(id));
        return kind === "reviews" && queue;
      },
    });
  };
  return {
    add(changes) {
      for (const { run_id: id } of changes.runs) runs.add(id);
      more ||= changes.more;
      reviews ||= changes.reviews;
      if (timer === undefined) flush();
    },
    stop: () => clearTimeout(timer),
  };
}
