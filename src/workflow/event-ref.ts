/** An event by its type, typed from its contract: what a workflow starts on, or waits for. */
export interface EventRef<E = unknown> {
  readonly type: string;
  /** A fixed contract version; absent: the contract's default. */
  readonly version?: number;
  /** Only for the compiler: the event's shape. */
  readonly shape?: E;
}
