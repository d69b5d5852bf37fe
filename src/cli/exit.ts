/** What a command's end means to the program that called it. */
export const EXIT = {
  done: 0,
  /** A gate or a check failed. */
  failed: 1,
  /** Wrong use or bad input. */
  wrongUse: 2,
  inconclusive: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Thrown by a command that ends otherwise than well; `message` goes to standard error, "" says nothing. */
export class Exit extends Error {
  readonly code: ExitCode;
  constructor(code: ExitCode, message = "") {
    super(message);
    this.name = "Exit";
    this.code = code;
  }
}
