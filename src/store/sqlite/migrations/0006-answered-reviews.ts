/** Answered reviews are looked at from the newest answer on. */
export const sql = `
CREATE INDEX reviews_answered ON reviews (answered_at DESC, review_no DESC) WHERE status = 'answered';
`;
