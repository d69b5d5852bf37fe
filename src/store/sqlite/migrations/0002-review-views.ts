/** Who was shown sensitive fields of an event through a review. Appended only. */
export const sql = `
CREATE TABLE review_views (
  view_no INTEGER PRIMARY KEY, review_no INTEGER NOT NULL, seen_by TEXT NOT NULL, seen_at INTEGER NOT NULL,
  -- JSON: the paths.
  fields TEXT NOT NULL
) STRICT;
CREATE INDEX review_views_review ON review_views (review_no, view_no);
`;
