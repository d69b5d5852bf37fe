/** Two texts to compare. */
export interface DiffProps {
  before: string;
  after: string;
  /** What each side is, above it. */
  titles: readonly [string, string];
}
