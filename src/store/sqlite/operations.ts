import { accept } from "./accept.ts";
import { appendAudit, auditEntries, auditHead, unauditedHeads } from "./audit.ts";
import { claim } from "./claim.ts";
import { commit } from "./commit.ts";
import { abandon, command, renew } from "./lease.ts";
import { counts, list } from "./list-runs.ts";
import type { AnyOperation } from "./operation.ts";
import { drift, quarantine, quarantined } from "./quarantine.ts";
import { blobs, load, nextDue, run, runsOfEvent } from "./read-runs.ts";
import { control, publish, registerVersion, releases, versions } from "./releases.ts";
import { answer, claimReview, noteView, review, reviewViews, reviews, unclaimReview } from "./reviews.ts";
import { addToken, extendSession, redeemLogin, revokeToken, token, tokenByHash, tokens } from "./tokens.ts";

/** What the writer thread does, by name. */
export const WRITES: ReadonlyMap<string, AnyOperation> = byName([
  accept,
  claim,
  commit,
  renew,
  abandon,
  command,
  quarantine,
  appendAudit,
  claimReview,
  unclaimReview,
  answer,
  noteView,
  publish,
  registerVersion,
  addToken,
  revokeToken,
  redeemLogin,
  extendSession,
]);

/** What the reader thread does, by name. */
export const READS: ReadonlyMap<string, AnyOperation> = byName([
  run,
  load,
  runsOfEvent,
  list,
  counts,
  blobs,
  nextDue,
  quarantined,
  drift,
  unauditedHeads,
  auditEntries,
  auditHead,
  review,
  reviews,
  reviewViews,
  control,
  releases,
  versions,
  token,
  tokenByHash,
  tokens,
]);

function byName(operations: readonly unknown[]): ReadonlyMap<string, AnyOperation> {
  return new Map((operations as AnyOperation[]).map((operation) => [operation.name, operation]));
}
