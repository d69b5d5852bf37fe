import type { NextReview, QueueFilter, Review, ReviewCounts } from "../../review/ports.ts";
import type { Database } from "./database.ts";
import { plain, type Operation } from "./operation.ts";
import { findReview, toReview } from "./reviews.ts";

const IN_ORDER = "ORDER BY priority DESC, created_at, review_no LIMIT 1";

export const claimNextReview: Operation<NextReview, NextReview, Review | null> = plain(
  "claimNextReview",
  (db, request, now) => {
    const found = heldBy(db, request, now) ?? firstFree(db, request, now);
    if (found === undefined) return null;
    db.change(
      "UPDATE reviews SET claimed_by = ?, claim_until = ? WHERE review_no = ?",
      request.by,
      now + request.forMs,
      found.review_no,
    );
    const { reviewId } = found;
    return toReview(findReview(db, reviewId) ?? unknown(reviewId));
  },
);

function unknown(reviewId: string): never {
  throw new Error(`Review ${reviewId} is in the index of the queue and not in its table.`);
}

interface Found {
  review_no: number;
  reviewId: string;
}

/** What they have in their hands already comes first, so that who comes back goes on where they were. */
function heldBy(db: Database, request: NextReview, now: number): Found | undefined {
  const { sql, values } = conditionsOf(request);
  return db.get(
    "SELECT review_no, review_id AS reviewId FROM reviews INDEXED BY reviews_claimed" +
      ` WHERE status = 'open' AND claimed_by = ? AND claim_until > ?${sql} ${IN_ORDER}`,
    request.by,
    now,
    ...values,
  ) as Found | undefined;
}

function firstFree(db: Database, request: NextReview, now: number): Found | undefined {
  const { sql, values } = conditionsOf(request);
  return db.get(
    "SELECT review_no, review_id AS reviewId FROM reviews INDEXED BY reviews_open" +
      ` WHERE status = 'open' AND (claimed_by IS NULL OR claim_until <= ?)${sql} ${IN_ORDER}`,
    now,
    ...values,
  ) as Found | undefined;
}

function conditionsOf(request: NextReview): { sql: string; values: string[] } {
  const given = (["workflow", "team", "why"] as const).filter((name) => request[name] !== undefined);
  const values = given.map((name) => request[name] as string);
  const sql = given.map((name) => ` AND ${name} = ?`).join("");
  if (request.skip.length === 0) return { sql, values };
  return {
    sql: `${sql} AND review_id NOT IN (SELECT value FROM json_each(?))`,
    values: [...values, JSON.stringify(request.skip)],
  };
}

interface CountsInput {
  filter: QueueFilter;
  by: string;
}

/** Open reviews that are alike. */
interface Group {
  workflow: string;
  team: string | null;
  why: string;
  n: number;
  held: number;
  mine: number;
}

export const reviewCounts: Operation<CountsInput, CountsInput, ReviewCounts> = plain(
  "reviewCounts",
  (db, { filter, by }, now) => {
    const groups = db.all<Group>(
      "SELECT workflow, team, why, count(*) AS n, count(*) FILTER (WHERE claim_until > ?1) AS held," +
        " count(*) FILTER (WHERE claim_until > ?1 AND claimed_by = ?2) AS mine" +
        " FROM reviews INDEXED BY reviews_open WHERE status = 'open' GROUP BY workflow, team, why",
      now,
      by,
    );
    const matching = groups.filter((group) => matches(group, filter));
    const sum = (name: "n" | "held" | "mine"): number => matching.reduce((total, group) => total + group[name], 0);
    return {
      open: sum("n"),
      claimed: sum("held"),
      mine: sum("mine"),
      byTeam: countBy(groups, filter, "team"),
      byWhy: countBy(groups, filter, "why"),
      byWorkflow: countBy(groups, filter, "workflow"),
    };
  },
);

function matches(group: Group, filter: QueueFilter, but?: keyof QueueFilter): boolean {
  return (["workflow", "team", "why"] as const).every(
    (name) => name === but || filter[name] === undefined || filter[name] === group[name],
  );
}

function countBy<K extends keyof QueueFilter>(
  groups: readonly Group[],
  filter: QueueFilter,
  name: K,
): { value: Group[K]; count: number }[] {
  const counts = new Map<Group[K], number>();
  for (const group of groups)
    if (matches(group, filter, name)) counts.set(group[name], (counts.get(group[name]) ?? 0) + group.n);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
