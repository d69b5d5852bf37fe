import module from "node:module";

let registered = false;

/**
 * From here on `import … from "sluice"` (and "sluice/testing") means this very package, wherever the importing file lies: a project needs no
 * install of its own, and there is one instance of everything.
 */
export function resolveOwnName(): void {
  if (registered) return;
  registered = true;
  // A clone runs its .ts, the published package its .js.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const urls = new Map([
    ["sluice", new URL(`../index.${ending}`, import.meta.url).href],
    ["sluice/testing", new URL(`../testing/index.${ending}`, import.meta.url).href],
  ]);
  module.registerHooks({
    resolve(specifier, context, next) {
      const url = urls.get(specifier);
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
  });
}
