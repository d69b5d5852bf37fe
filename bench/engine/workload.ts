/**
 * What every engine is given: a run of five steps, each of which answers about 2 KB of JSON, started by an event of
 * about half a kilobyte. The bodies of the steps do nothing else, so that what is measured is the engine.
 */
export const STEPS = 5;

export type Ticket = {
  readonly event: string;
  readonly event_id: string;
  readonly created_at: string;
  readonly ticket: { readonly id: string; readonly subject: string; readonly body: string };
  readonly customer: { readonly id: string; readonly email: string; readonly plan: string };
};
export type StepOutput = { readonly run: string; readonly step: number; readonly text: string };

const waiting = new Map<string, () => void>();

/**
 * Resolves when the workflow function of this event's run has come to its end. Every engine is asked in this one way,
 * within the process: asking its storage would measure how it answers questions. What it still writes after that is
 * checked by `recorded`.
 */
export function whenEnded({ event_id }: Ticket): Promise<void> {
  return new Promise((resolve) => waiting.set(event_id, resolve));
}

/** Called by the workflow of each engine as its last word. */
export function runEnded({ event_id }: Pick<Ticket, "event_id">): void {
  waiting.get(event_id)?.();
  waiting.delete(event_id);
}

/** One engine, opened on an empty folder. A session is used for one trial and thrown away. */
export type Session = {
  /** Accepts one run durably; resolves when it has ended. How many are called at once is the trial's affair. */
  readonly run: (ticket: Ticket) => Promise<void>;
  /** After all runs: how many steps the engine has on record as finished, read from its own storage. */
  readonly recorded: () => Promise<number>;
  readonly close: () => Promise<void>;
};
export type Engine = {
  readonly name: string;
  /** What the reader has to know to judge the figure. */
  readonly settings: string;
  readonly open: (folder: string, concurrency: number) => Promise<Session>;
};

// Taken out of its object before any engine puts a guard around clocks.
const clock = performance.now.bind(performance);
let observer: (ms: number) => void = () => undefined;

/** `seen` is told how long each step of this process takes, from its call to its durable record. */
export function observeSteps(seen: (ms: number) => void): void {
  observer = seen;
}

/** One step of the run, called by the workflow of each engine around its own verb. */
export async function timed<R>(step: () => Promise<R>): Promise<R> {
  const started = clock();
  const result = await step();
  observer(clock() - started);
  return result;
}

const TEXT_LENGTH = 2000;
const pool = makePool(256 * 1024);

export function ticket(number: number): Ticket {
  return {
    event: "support_ticket.created",
    event_id: `evt_${number}`,
    created_at: "2026-05-29T14:22:10Z",
    ticket: { id: `tkt_${number}`, subject: "Charged twice after upgrading", body: slice(number * 31, 300) },
    customer: { id: `cus_${number % 97}`, email: `person${number}@example.com`, plan: "pro" },
  };
}

/** Different for every run and step, so that no engine can store one for another. */
export function stepOutput(run: string, step: number): StepOutput {
  const offset = Number(run.slice(4)) * 7919 + step * 104_729;
  return { run, step, text: slice(offset, TEXT_LENGTH) };
}

function slice(offset: number, length: number): string {
  const start = offset % (pool.length - length);
  return pool.slice(start, start + length);
}

/** Words in a fixed pseudo-random order: compressible like text, the same on every machine. */
function makePool(length: number): string {
  const words = "invoice refund upgrade charge card account plan region ticket urgent twice month error login".split(
    " ",
  );
  let seed = 42;
  const parts: string[] = [];
  for (let size = 0; size < length;) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const word = `${words[seed % words.length] ?? ""}${seed % 1000} `;
    parts.push(word);
    size += word.length;
  }
  return parts.join("");
}
