/** A version that is not taken, after the day: `2026-06-01.1`, then `.2`. */
export function nextVersion(taken: readonly string[], today: Date): string {
  const day = today.toISOString().slice(0, 10);
  for (let n = 1; ; n += 1) if (!taken.includes(`${day}.${n}`)) return `${day}.${n}`;
}
