/**
 * Runs that only workers with the same code may claim. What the code is stands before the priority in the line, so that
 * however many runs wait for other code, nobody looks past them.
 */
export const sql = `
-- Fingerprint of the code the run is pinned to; '' for a run that any code resumes.
ALTER TABLE runs ADD COLUMN code_pin TEXT NOT NULL DEFAULT '';
DROP INDEX runs_ready;
DROP INDEX runs_blocked;
CREATE INDEX runs_ready ON runs (workflow, code_pin, priority DESC, run_no) WHERE status = 'queued' AND ready = 1;
CREATE INDEX runs_blocked ON runs (concurrency_key, code_pin, priority DESC, run_no) WHERE status = 'queued' AND ready = 0;
`;
