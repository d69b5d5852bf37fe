/** Model calls of runs with a budget that are about to be made or under way. Of older runs none is known. */
export const sql = `
CREATE TABLE run_reservations (run_no INTEGER PRIMARY KEY, model_calls INTEGER NOT NULL, usd REAL NOT NULL) STRICT;
`;
