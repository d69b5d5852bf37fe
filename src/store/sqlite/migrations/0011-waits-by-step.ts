/** A step of a run waits for one event at a time. */
export const sql = `
DELETE FROM event_waits WHERE wait_no NOT IN (SELECT max(wait_no) FROM event_waits GROUP BY run_no, step, key);
DROP INDEX event_waits_run;
CREATE UNIQUE INDEX event_waits_step ON event_waits (run_no, step, key);
`;
