/**
 * Names and keys the runtime gives to records of its own; those of users may not start with "@". They stand in the journal
 * for good.
 */

/** The decision, and the review it may wait for. */
export const DECISION = "@decision";

/** With a step's name after it: the review that a failed or guarded step waits for. */
export const REVIEW_OF = "@review:";

/** At the end of the key of a write that a person has approved: it goes on record beside its proposal. */
export const APPROVED = "@approved";
