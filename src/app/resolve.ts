import module from "node:module";

let registered = false;

/**
 * From here on `import … from "sluice"` means this very package, wherever the importing file lies: a project needs no
 * install of its own, and there is one instance of everything.
 */
export function resolveOwnName(): void {
  if (registered) return;
  registered = true;
  // A clone runs its .ts, the published package its .js.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const url = new URL(`../index.${ending}`, import.meta.url).href;
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "sluice" ? { url, shortCircuit: true } : next(specifier, context),
  });
}
