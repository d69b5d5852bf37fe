/** What must hold for a way through the code to be taken, as the source says it. */
export interface Condition {
  /** Place of the condition in the source: both sides of one branch share it. */
  id: string;
  text: string;
  /** The other side of it. */
  otherwise: boolean;
  /** Thresholds it names. */
  thresholds: readonly string[];
}

/** A way that leaves a node and has reached no other one yet. */
export interface Way {
  from: string;
  /** Since it left the node, outermost first. */
  conditions: readonly Condition[];
  /** What went wrong, where it is a failure's way; `FAILS` for the failures the node itself may have. */
  failure: string | null;
  /** Nobody wrote it: the engine takes it. */
  implied: boolean;
}

/** Every way on which a place in the code may be reached. */
export type Front = readonly Way[];

/** A promise: where the code is once it is settled, and where the code was when it began. */
export interface Pending {
  front: Front;
  base: Front;
}

/** Stands for the failures a node may have; the words for them are known only where the node is. */
export const FAILS = "@fails";

/** More ways than these from one node to one place say nothing any more: what they share is kept. */
const MOST_WAYS = 4;

export function wayFrom(node: string): Way {
  return { from: node, conditions: [], failure: null, implied: false };
}

export function under(front: Front, condition: Condition): Front {
  return front.map((way) => ({ ...way, conditions: [...way.conditions, condition] }));
}

/** All ways of several fronts. Both sides of a branch that did nothing are no branch. */
export function joined(...fronts: readonly Front[]): Front {
  const groups = new Map<string, Way[]>();
  for (const way of fronts.flat()) {
    const key = `${way.from}\n${way.failure ?? ""}\n${way.implied}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [way]);
    else group.push(way);
  }
  return [...groups.values()].flatMap(simplified);
}

function simplified(given: readonly Way[]): Way[] {
  let ways = given.filter((way, i) => !given.some((other, j) => i !== j && covers(other, way, j < i)));
  for (let found = complement(ways); found !== undefined; found = complement(ways)) {
    const [a, b] = found;
    const whole = { ...a, conditions: a.conditions.slice(0, -1) };
    ways = [...ways.filter((way) => way !== a && way !== b && !covers(whole, way, true)), whole];
  }
  if (ways.length <= MOST_WAYS) return ways;
  const [first, ...others] = ways as [Way, ...Way[]];
  const shared = first.conditions.findIndex((condition, i) =>
    others.some((way) => !same(way.conditions[i], condition)),
  );
  return [{ ...first, conditions: shared < 0 ? first.conditions : first.conditions.slice(0, shared) }];
}

function same(a: Condition | undefined, b: Condition | undefined): boolean {
  return a?.id === b?.id && a?.otherwise === b?.otherwise;
}

/** Whether every pass that goes the way `b` is told by `a` already. Of two equal ones only the `earlier` stays. */
function covers(a: Way, b: Way, earlier: boolean): boolean {
  if (a.conditions.length > b.conditions.length) return false;
  if (a.conditions.length === b.conditions.length && !earlier) return false;
  return a.conditions.every((condition, i) => same(condition, b.conditions[i]));
}

function complement(ways: readonly Way[]): [Way, Way] | undefined {
  for (const a of ways)
    for (const b of ways) {
      const [x, y] = [a.conditions.at(-1), b.conditions.at(-1)];
      if (a.conditions.length !== b.conditions.length || x === undefined || x.id !== y?.id) continue;
      if (x.otherwise === y.otherwise) continue;
      if (a.conditions.slice(0, -1).every((condition, i) => same(condition, b.conditions[i]))) return [a, b];
    }
  return undefined;
}

/** Where the code is once it has waited for a promise: what stood still since the promise began has moved on to its end. */
export function awaited(now: Front, pending: Pending, reaches: (from: string, to: string) => boolean): Front {
  const ends = pending.front.map(({ from }) => from);
  const starts = new Set(pending.base.map(({ from }) => from));
  const moved = now.filter(({ from }) => !starts.has(from));
  // Waited for before: everything since then lies behind it.
  if (
    moved.length > 0 &&
    moved.length === now.length &&
    ends.length > 0 &&
    moved.every(({ from }) => ends.every((end) => end === from || reaches(end, from)))
  )
    return now;
  const still = now.filter(({ from }) => starts.has(from));
  const through = still.flatMap((way) => {
    const began = pending.base.find(
      ({ from, conditions }) => from === way.from && conditions.length <= way.conditions.length,
    );
    return began === undefined ? [way] : [];
  });
  const since = extraConditions(still, pending.base);
  return joined(
    pending.front.map((way) => ({ ...way, conditions: [...way.conditions, ...since] })),
    moved,
    through,
  );
}

/** What was asked between the beginning of a promise and the wait for it. */
function extraConditions(still: Front, base: Front): readonly Condition[] {
  const [way] = still;
  const began = base.find(({ from }) => from === way?.from);
  return way === undefined || began === undefined || still.length !== base.length
    ? []
    : way.conditions.slice(began.conditions.length);
}

/** Several promises that are waited for together. A branch that does nothing is not waited for, where another one does something. */
export function together(pendings: readonly Pending[]): Pending | null {
  const [first] = pendings;
  if (first === undefined) return null;
  const base = joined(...pendings.map((each) => each.base));
  const starts = new Set(base.map(({ from }) => from));
  const acting = pendings.map(({ front }) => front.filter(({ from }) => !starts.has(from)));
  const certain = pendings.some(({ front }, i) => front.length === acting[i]?.length);
  return { front: joined(...(certain ? acting : pendings.map(({ front }) => front))), base };
}
