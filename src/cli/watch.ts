import { existsSync, readdirSync, watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { join } from "node:path";

/** Files that say what a project does; what tools and stores write meanwhile is not meant. */
const MEANT = /\.([cm]?[jt]s|json|ya?ml|md)$/;
const LEFT_OUT = /(^|[/\\])(node_modules|\.[^/\\]*)([/\\]|$)|\.d\.ts$|(^|[/\\])README\.md$/;

/**
 * Calls `onSave` with a file of the project (relative) whenever one has changed. `leftOut`: folders besides those whose
 * names begin with a dot, and node_modules. Returns what ends it.
 */
export function watchProject(dir: string, leftOut: readonly string[], onSave: (file: string) => void): () => void {
  const watchers = new Map<string, FSWatcher>();
  const isMeant = (file: string): boolean =>
    MEANT.test(file) &&
    !LEFT_OUT.test(file) &&
    !leftOut.some((folder) => `${join(dir, file)}/`.startsWith(`${folder}/`));
  const watchFolder = (name: string): void => {
    const path = join(dir, name);
    if (watchers.has(name) || LEFT_OUT.test(name) || leftOut.includes(path)) return;
    watchers.set(
      name,
      watch(
        path,
        { recursive: true },
        (_, file) => file !== null && isMeant(join(name, file)) && onSave(join(name, file)),
      ),
    );
  };
  // The root by itself: what lies below node_modules is too much to watch.
  const root = watch(dir, (_, file) => {
    for (const [name, watcher] of watchers)
      if (!existsSync(join(dir, name))) {
        watcher.close();
        watchers.delete(name);
      }
    for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) watchFolder(entry.name);
    if (file !== null && isMeant(file)) onSave(file);
  });
  for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) watchFolder(entry.name);
  return () => {
    root.close();
    for (const watcher of watchers.values()) watcher.close();
  };
}
