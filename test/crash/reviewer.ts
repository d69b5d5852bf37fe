import type { Api } from "./api.ts";

interface Review {
  review_id: string;
}

/** Answers up to `limit` open reviews: lets the proposal stand, or rejects where there is none. How many were answered. */
export async function answerReviews(api: Api, limit = 500): Promise<number> {
  const { items } = await api.get<{ items: Review[] }>(`/v1/reviews?status=open&limit=${limit}`);
  for (const { review_id: id } of items) {
    const approved = await api.post(`/v1/reviews/${id}/decide`, { action: "approve" });
    if (approved.status === 422) await api.post(`/v1/reviews/${id}/decide`, { action: "reject" });
  }
  return items.length;
}

/** Resolves once every run has ended, every review answered on the way; rejects when it takes longer than `withinMs`. */
export async function bringToEnd(api: Api, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answered = await answerReviews(api);
    const counts = await api.get<Record<string, number>>("/v1/runs/counts");
    const moving = (counts["queued"] ?? 0) + (counts["running"] ?? 0) + (counts["waiting"] ?? 0);
    if (answered === 0 && moving === 0) return;
    if (performance.now() > deadline) return;
  }
}
