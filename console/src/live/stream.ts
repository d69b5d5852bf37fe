/** What the server tells of changes, at most four times a second. */
export interface Changes {
  runs: { run_id: string; workflow: string; status: string }[];
  /** There were more runs than are named. */
  more: boolean;
  /** The review queue has changed. */
  reviews: boolean;
}

export type LineState = { line: "connecting" } | { line: "live" } | { line: "down"; since: number };

interface Listener {
  state(state: LineState): void;
  changes(changes: Changes): void;
  /** The line is back after it was down: what happened meanwhile was not told. */
  missed(): void;
  signedOut(): void;
}

/** A ping comes every ten seconds; after this long without one the line counts as down. */
const SILENT_MS = 25_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000];

/** Keeps one line to `/v1/stream` open until the returned function is called. */
export function openStream(listener: Listener): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let downSince: number | undefined;
  let closed = false;

  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(down, SILENT_MS);
  };
  const down = (): void => {
    source?.close();
    clearTimeout(timer);
    if (closed) return;
    downSince ??= Date.now();
    listener.state({ line: "down", since: downSince });
    timer = setTimeout(connect, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]);
  };
  const up = (): void => {
    heard();
    failures = 0;
    listener.state({ line: "live" });
    if (downSince !== undefined) listener.missed();
    downSince = undefined;
  };
  /** The browser has a network again: no need to wait for the next try. */
  const online = (): void => {
    if (closed || downSince === undefined) return;
    clearTimeout(timer);
    source?.close();
    connect();
  };
  const connect = (): void => {
    source = new EventSource("/v1/stream");
    heard();
    source.addEventListener("hello", up);
    source.addEventListener("ping", heard);
    source.addEventListener("changes", (event: MessageEvent<string>) => {
      heard();
      listener.changes(JSON.parse(event.data) as Changes);
    });
    source.addEventListener("signed_out", () => {
      closed = true;
      source?.close();
      clearTimeout(timer);
      listener.signedOut();
    });
    source.addEventListener("error", down);
  };

  listener.state({ line: "connecting" });
  connect();
  addEventListener("offline", down);
  addEventListener("online", online);
  return () => {
    closed = true;
    removeEventListener("offline", down);
    removeEventListener("online", online);
    clearTimeout(timer);
    source?.close();
  };
}
