/** One key, or two in a row (`g r`), and what it does. `mod+k` is Ctrl or Command. */
export interface Shortcut {
  keys: string;
  label: string;
  run(event: KeyboardEvent): void;
  /** Also while something is typed into a field; only with mod or Escape. */
  whileTyping?: boolean;
}

/** The keys of one page, or of what is around all of them. */
export interface ShortcutGroup {
  name: string;
  shortcuts: readonly Shortcut[];
}
