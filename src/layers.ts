/**
 * The folders of `src/`, top to bottom. A file imports only from its own folder and from those above it;
 * `test/tidy.test.ts` holds the order. Reading the list is reading the product.
 */
export const LAYERS: readonly string[] = [
  "base",
  "contract",
  "model",
  "tool",
  "prompt",
  "journal",
  "release",
  "review",
  "workflow",
  "worker",
  "eval",
  "store",
  "app",
  "http",
  "cli",
  "testing",
];
