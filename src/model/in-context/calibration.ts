/** What is known about one answer before anybody has checked it, each from 0 to 1. */
export interface Signals {
  /** Mean lead of the chosen values over the next best. */
  margin: number;
  /** Similarity of the nearest example. */
  nearest: number;
  /** Share of the question's words that any example has. */
  coverage: number;
}

export interface Outcome {
  signals: Signals;
  right: boolean;
}

/**
 * Where the weights start: constant, margin, nearest, coverage. Read off a few hundred support tickets; examples in the
 * prompt move them, and few examples move them little.
 */
const START = [-3, 4, 8, 1] as const;
const STIFFNESS = 3;
const ROUNDS = 400;

/**
 * Learns how often answers with such signals are right, from answering each example by the others: logistic regression,
 * held near `START`. Leaving an example out also takes away its nearest kin, so the estimate errs on the low side.
 */
export function calibrate(outcomes: readonly Outcome[]): (signals: Signals) => number {
  const rows = outcomes.map(({ signals, right }) => ({ x: row(signals), y: right ? 1 : 0 }));
  const weights: number[] = [...START];
  const step = 4 / (rows.length + STIFFNESS);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = weights.map((weight, i) => STIFFNESS * (weight - (START[i] as number)));
    for (const { x, y } of rows) {
      const error = logistic(dot(weights, x)) - y;
      for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) + error * (x[i] as number);
    }
    for (let i = 0; i < weights.length; i++)
      weights[i] = (weights[i] as number) - step * 0.25 * (gradient[i] as number);
  }
  return (signals) => logistic(dot(weights, row(signals)));
}

function row({ margin, nearest, coverage }: Signals): number[] {
  return [1, margin, nearest, coverage];
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
