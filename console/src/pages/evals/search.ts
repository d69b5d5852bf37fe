/** Which suite's eval runs are listed. */
export interface EvalsSearch {
  suite?: string;
}

export function evalsSearch({ suite }: Record<string, unknown>): EvalsSearch {
  return suite === undefined || suite === "" ? {} : { suite: String(suite) };
}

/** Which case is open; a case is known within its dataset only. */
export interface EvalSearch {
  case?: string;
  dataset?: string;
}

export function evalSearch(search: Record<string, unknown>): EvalSearch {
  const { case: id, dataset } = search;
  return {
    ...(id === undefined ? {} : { case: String(id) }),
    ...(dataset === undefined ? {} : { dataset: String(dataset) }),
  };
}

/** Two eval runs; `a` is the one before. */
export interface CompareSearch {
  a?: string;
  b?: string;
}

export function compareSearch({ a, b }: Record<string, unknown>): CompareSearch {
  return { ...(a === undefined ? {} : { a: String(a) }), ...(b === undefined ? {} : { b: String(b) }) };
}
