/** Beside bearer tokens there are login codes and sessions; and who made one is noted. */
export const sql = `
ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'bearer';
ALTER TABLE tokens ADD COLUMN created_by TEXT;
`;
