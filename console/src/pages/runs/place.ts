/** Where the reader was in the list of each set of filters, so that the way back leads there. */
const places = new Map<string, number>();
const KEPT = 20;

export function placeOf(key: string): number {
  return places.get(key) ?? 0;
}

export function keepPlace(key: string, offset: number): void {
  places.delete(key);
  places.set(key, offset);
  const [oldest] = places.keys();
  if (places.size > KEPT && oldest !== undefined) places.delete(oldest);
}

export function forgetPlace(key: string): void {
  places.delete(key);
}
