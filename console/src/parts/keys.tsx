import type { ReactNode } from "react";
import css from "./shortcuts.module.css";

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The keys as they stand on the keyboard. */
export function Keys({ keys }: { keys: string }): ReactNode {
  return (
    <span className={css["keys"]}>
      {keys.split(" ").map((key, index) => (
        <kbd key={`${key}${index}`}>{shown(key)}</kbd>
      ))}
    </span>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  enter: "↵",
  escape: "Esc",
  arrowup: "↑",
  arrowdown: "↓",
  " ": "Space",
};

function shown(key: string): string {
  const parts = key.split("+").map((part) => (part === "mod" ? (APPLE ? "⌘" : "Ctrl") : (NAMES[part] ?? part)));
  return parts.map((part) => (part.length === 1 ? part.toUpperCase() : part)).join(APPLE ? "" : "+");
}
