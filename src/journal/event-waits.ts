/**
 * What a store does for runs that wait for events. Opening, taking and giving up are part of a run's commit
 * (`CommitInput.waits`), matching is part of `accept`; so it is always the store that decides, once, what a wait got.
 */
export interface EventWaitStore {
  /** Null where it was never opened, or is over. */
  eventWait(waitId: string): Promise<EventWait | null>;
  /** What a run waits for, oldest first. */
  eventWaitsOf(runId: string): Promise<OpenEventWait[]>;
  /** Types of events that some run waits for. */
  awaitedTypes(): Promise<string[]>;
  /** Removes up to `limit` kept events whose time is over, unless one is on its way into a run. Answers how many. */
  dropKeptEvents(limit: number): Promise<number>;
}

/** A wait as a run's commit opens it. One that the run opened before under the same step and key is over with that. */
export interface NewEventWait {
  waitId: string;
  step: string;
  key: string;
  eventType: string;
  /** What the event must have (`waitTokens`). With conditions it looks back over all kept events, else over those since the run came. */
  tokens: Uint8Array;
  openedAt: number;
  /** An event at this time or later is too late; null: none is. */
  expiresAt: number | null;
}

/** `taken`: with the record that holds the event. `expired`: with the record that says that none came. */
export interface EventWaitChange {
  waitId: string;
  to: "taken" | "expired";
}

export interface EventWait {
  /** The event it got, until the run has it on record. */
  event: KeptEvent | null;
}

export interface KeptEvent {
  eventId: string;
  contractVersion: number;
  receivedAt: number;
  /** The event's JSON text, sealed under the project's key. */
  body: Uint8Array;
}

export interface OpenEventWait {
  step: string;
  key: string;
  eventType: string;
  openedAt: number;
  expiresAt: number | null;
}

/** Of an accepted event that somebody may wait for. */
export interface AwaitedEvent {
  /** What it is found by (`eventTokens`). */
  tokens: Uint8Array;
  /** As `KeptEvent`. */
  body: Uint8Array;
  /** Until when later waits find it, epoch ms. */
  keepUntil: number;
  /** Kept also where no run waits for its type. */
  declared: boolean;
}
