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

/**
 * A page that nobody looks at gives its line up after this long: a browser allows six to one server, whatever the
 * number of tabs.
 */
const HIDDEN_MS = 10_000;

/** Keeps one line to `/v1/stream` open until the returned function is called. */
export function openStream(listener: Listener): () => void {
  const line = new Line(listener);
  line.open();
  return () => line.close();
}

class Line {
  readonly #listener: Listener;
  readonly #ended = new AbortController();
  #source: EventSource | undefined;
  /** Ends the silence, tries again, or gives a hidden page's line up. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #downSince: number | undefined;
  /** Something may have happened that was not told. */
  #missed = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  open(): void {
    const { signal } = this.#ended;
    this.#listener.state({ line: "connecting" });
    addEventListener("offline", () => this.#down(), { signal });
    addEventListener("online", () => this.#downSince !== undefined && this.#connect(), { signal });
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    this.#connect();
  }

  close(): void {
    this.#ended.abort();
    clearTimeout(this.#hidden);
    this.#drop();
  }

  #connect(): void {
    this.#drop();
    const source = new EventSource("/v1/stream");
    this.#source = source;
    this.#heard();
    source.addEventListener("hello", () => this.#up());
    source.addEventListener("ping", () => this.#heard());
    source.addEventListener("changes", (event: MessageEvent<string>) => {
      this.#heard();
      this.#listener.changes(JSON.parse(event.data) as Changes);
    });
    source.addEventListener("signed_out", () => {
      this.close();
      this.#listener.signedOut();
    });
    source.addEventListener("error", () => this.#down());
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#down(), SILENT_MS);
  }

  #up(): void {
    this.#heard();
    this.#failures = 0;
    this.#downSince = undefined;
    this.#listener.state({ line: "live" });
    if (this.#missed) this.#listener.missed();
    this.#missed = false;
  }

  #down(): void {
    this.#drop();
    this.#missed = true;
    this.#downSince ??= Date.now();
    this.#listener.state({ line: "down", since: this.#downSince });
    this.#timer = setTimeout(() => this.#connect(), RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]);
  }

  #seen(): void {
    clearTimeout(this.#hidden);
    if (document.visibilityState === "hidden")
      this.#hidden = setTimeout(() => {
        this.#missed = true;
        this.#drop();
      }, HIDDEN_MS);
    else if (this.#source === undefined) this.#connect();
  }
}
