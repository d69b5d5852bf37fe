/** A rule that the tables hold among each other; its SQL answers one row `example` for each thing that breaks it. */
export interface Rule {
  code: string;
  sql: string;
  what: string;
  meaning: string;
  fix: string;
  /** SQL that derives it anew; absent where nothing else says what it was. */
  repair?: string;
}
