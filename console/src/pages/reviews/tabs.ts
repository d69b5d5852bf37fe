/** Tabs of one browser tell each other which review each has open, so that no two go to the same one. */
interface Word {
  tab: string;
  says: "open" | "closed" | "who" | "answered";
  review: string;
}

const TAB = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("sluice.reviews");
const elsewhere = new Map<string, string>();
const listeners = new Set<(review: string) => void>();
let here: string | null = null;

function say(says: Word["says"], review = ""): void {
  channel?.postMessage({ tab: TAB, says, review } satisfies Word);
}

channel?.addEventListener("message", ({ data }: MessageEvent<Word>) => {
  if (data.says === "open") elsewhere.set(data.tab, data.review);
  if (data.says === "closed") elsewhere.delete(data.tab);
  if (data.says === "who" && here !== null) say("open", here);
  if (data.says === "answered") for (const listener of listeners) listener(data.review);
});
say("who");

/** Tells the others what is open here, until the returned function is called. */
export function openHere(review: string): () => void {
  here = review;
  say("open", review);
  return () => {
    if (here === review) here = null;
    say("closed");
  };
}

/** Reviews that other tabs of this browser have open. */
export function openElsewhere(): string[] {
  return [...elsewhere.values()];
}

export function tellAnswered(review: string): void {
  say("answered", review);
}

export function onAnsweredElsewhere(listener: (review: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
