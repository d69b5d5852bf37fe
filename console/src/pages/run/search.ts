/** Which step is open, and which one it is compared with; kept in the address. */
export interface RunSearch {
  step?: number;
  against?: number;
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  const given: RunSearch = {};
  for (const name of ["step", "against"] as const) {
    const value = Number(search[name] ?? Number.NaN);
    if (Number.isInteger(value) && value > 0) given[name] = value;
  }
  return given;
}
