import type { Source } from "./source.ts";

/** What a rule finds: `where` is `path:line`, `what` says what is wrong and what to do. */
export type Problem = { readonly where: string; readonly what: string };
export type Rule = (sources: readonly Source[], layers: readonly string[]) => Problem[];

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;
const MAX_PUBLIC_NAMES = 50;
/** The one layer that tests anywhere may use: what it publishes is made for them. */
const FOR_TESTS = "testing";
const PUBLIC_INDEX = "src/index.ts";
/** A command may start itself as a process of its own. */
const OWN_COMMAND = "bin/sluice.js";

/** A file imports only from its own folder of `src/` and from those above it. */
export const importsPointUp: Rule = (sources, layers) =>
  sources.flatMap((source) => {
    const own = layerOf(source.path);
    if (own === undefined) return [];
    const allowed = new Set(layers.slice(0, layers.indexOf(own) + 1));
    if (isTest(source.path)) allowed.add(FOR_TESTS);
    return source.imports
      .filter((each) => (each.relative && each.target !== OWN_COMMAND) || each.target === "sluice")
      .filter((each) => !allowed.has(layerOf(each.target) ?? "(outside)"))
      .map((each) => at(source, each.line, `${own} may not import ${each.target}: it lies below it in src/layers.ts`));
  });

/** Every folder of `src/` has its place in the list, and the list names no folder that is not there. */
export const foldersAreLayers: Rule = (sources, layers) => {
  const folders = new Set(sources.map((source) => layerOf(source.path)).filter((folder) => folder !== undefined));
  const unlisted = [...folders].filter((folder) => !layers.includes(folder));
  const missing = layers.filter((layer) => !folders.has(layer));
  return [
    ...unlisted.map((folder) => ({ where: `src/${folder}`, what: "is not in src/layers.ts; give it its place there" })),
    ...missing.map((layer) => ({ where: "src/layers.ts", what: `names "${layer}", but there is no src/${layer}` })),
  ];
};

/** A relative import names a file that exists, with its ending; nothing imports a test. */
export const importsResolve: Rule = (sources) => {
  const known = new Set(sources.map((source) => source.path));
  return sources.flatMap((source) =>
    source.imports
      .filter((each) => each.relative && /\.[jt]sx?$|\/[^.]*$/.test(each.target))
      .filter((each) => !known.has(each.target) || isTest(each.target))
      .map((each) => at(source, each.line, `imports ${each.target}, which is not a source file`)),
  );
};

/** What the console shows it gets over HTTP: it takes nothing from the server's code, and the server nothing from it. */
export const consoleSpeaksHttp: Rule = (sources) =>
  sources.flatMap((source) =>
    source.imports
      .filter(({ target }) => target.startsWith("src/") && source.path.startsWith("console/src/"))
      .concat(source.imports.filter(({ target }) => target.startsWith("console/") && source.path.startsWith("src/")))
      .map((each) => at(source, each.line, `imports ${each.target}: console and server share nothing but the API`)),
  );

/** No file reaches itself through its imports, type imports included. */
export const noCycles: Rule = (sources) => {
  const edges = new Map(sources.map((source) => [source.path, source.imports.map((each) => each.target)]));
  return components(edges)
    .filter((group) => group.length > 1 || edges.get(group[0] ?? "")?.includes(group[0] ?? ""))
    .map((group) => ({ where: `${group[0]}:1`, what: `import cycle among ${group.toSorted().join(", ")}` }));
};

/** Names that say nothing draw everything to them. */
export const namesSaySomething: Rule = (sources) =>
  sources.flatMap((source) => {
    const words = source.path
      .replaceAll(/([a-z])([A-Z])/g, "$1-$2")
      .toLowerCase()
      .split(/[^a-z0-9]+/);
    const empty = words.find((word) => /^(utils?|helpers?|common|managers?|services?|misc|v\d+)$/.test(word));
    return empty === undefined ? [] : [at(source, 1, `is named "${empty}"; name it after what it knows`)];
  });

/** Files that a program writes are as long as what they say. */
export const filesAreShort: Rule = (sources) =>
  sources
    .filter((source) => source.lines > MAX_FILE_LINES && !source.path.endsWith(".gen.ts"))
    .map((source) => at(source, 1, `has ${source.lines} lines; ${MAX_FILE_LINES} is the limit`));

/** Test files are left out: `describe` holds many tests in one function. */
export const functionsAreShort: Rule = (sources) =>
  sources
    .filter((source) => !isTest(source.path))
    .flatMap((source) =>
      source.functions
        .filter((each) => each.lines > MAX_FUNCTION_LINES)
        .map((each) =>
          at(source, each.line, `${each.name} has ${each.lines} lines; ${MAX_FUNCTION_LINES} is the limit`),
        ),
    );

export const noAny: Rule = (sources) =>
  sources.flatMap((source) => source.anys.map((line) => at(source, line, "writes the type any; use unknown and look")));

/** Only a test of types may expect a compiler error, and says which. */
export const nothingSilenced: Rule = (sources) =>
  sources.flatMap((source) =>
    source.comments
      .filter(({ text }) => silencesCompiler(text, isTest(source.path)) || isUnreasonedWaiver(text))
      .map(({ line }) => at(source, line, "silences the compiler or the linter without a reason")),
  );

export const nothingLeftToDo: Rule = (sources) =>
  sources.flatMap((source) =>
    source.comments
      .filter(({ text }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text))
      .map(({ line }) => at(source, line, "leaves something to do; do it or open an issue")),
  );

export const noStarExports: Rule = (sources) =>
  sources.flatMap((source) => source.starExports.map((line) => at(source, line, "exports *; name what is exported")));

export const publicNamesAreFew: Rule = (sources) =>
  sources
    .filter((source) => source.path === PUBLIC_INDEX && source.exportedNames >= MAX_PUBLIC_NAMES)
    .map((source) => at(source, 1, `exports ${source.exportedNames} names; it stays under ${MAX_PUBLIC_NAMES}`));

function at(source: Source, line: number, what: string): Problem {
  return { where: `${source.path}:${line}`, what };
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

/** The folder below `src/`; undefined for files directly in it and for everything outside. */
function layerOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function silencesCompiler(comment: string, inTest: boolean): boolean {
  const directive = /@ts-(ignore|expect-error|nocheck)\b(.*)/.exec(comment);
  if (directive === null) return false;
  return !(inTest && directive[1] === "expect-error" && /\w+ \w+/.test(directive[2] ?? ""));
}

/** A rule of the linter may be switched off for a line with `-- why`. */
function isUnreasonedWaiver(text: string): boolean {
  return /(eslint|oxlint)-disable/.test(text) && !/ -- \S/.test(text);
}

/** Tarjan's strongly connected components: the groups of files that all reach each other. */
function components(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (node: string): number => {
    const index = order.size;
    order.set(node, index);
    low.set(node, index);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!edges.has(next)) continue;
      if (!order.has(next)) low.set(node, Math.min(low.get(node) ?? index, visit(next)));
      else if (stack.includes(next)) low.set(node, Math.min(low.get(node) ?? index, order.get(next) ?? index));
    }
    if (low.get(node) === index) groups.push(stack.splice(stack.indexOf(node)));
    return low.get(node) ?? index;
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return groups;
}
