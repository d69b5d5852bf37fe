import { Suspense, createContext, lazy, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import type { Shortcut, ShortcutGroup } from "./shortcut.ts";

interface Registry {
  add(group: { current: ShortcutGroup }): () => void;
  show(): void;
}

const ShortcutList = lazy(() => import("./shortcut-list.tsx").then((module) => ({ default: module.ShortcutList })));

const Shortcuts = createContext<Registry>({ add: () => () => undefined, show: () => undefined });

/** How long the second key of two may take. */
const PAIR_MS = 1_200;

/** Listens for the keys of every page that is shown; `?` lists them. */
export function ShortcutKeys({ children }: { children: ReactNode }): ReactNode {
  const groups = useRef<{ current: ShortcutGroup }[]>([]);
  const [listed, setListed] = useState<ShortcutGroup[] | null>(null);
  const before = useRef<Element | null>(null);
  const show = useCallback(() => {
    before.current = document.activeElement;
    setListed(groups.current.map(({ current }) => current));
  }, []);
  const hide = (): void => {
    setListed(null);
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  useEffect(() => void import("./shortcut-list.tsx"), []);
  const registry = useMemo<Registry>(
    () => ({
      add(group) {
        groups.current = [...groups.current, group];
        return () => {
          groups.current = groups.current.filter((each) => each !== group);
        };
      },
      show,
    }),
    [show],
  );
  useEffect(() => {
    let first = "";
    let at = 0;
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('[aria-modal="true"]') !== null) return;
      const key = nameOf(event);
      const pair = event.timeStamp - at < PAIR_MS && first !== "" ? `${first} ${key}` : "";
      [first, at] = [key, event.timeStamp];
      if (key === "?" && !isTyping(event)) return show();
      // On a button or a link it is theirs.
      if (key === "enter" && event.target instanceof Element && event.target.closest("button, a") !== null) return;
      // The newest page's keys come before those of the frame around it.
      const all = groups.current.flatMap(({ current }) => current.shortcuts).reverse();
      const found = all.find(({ keys }) => keys === pair) ?? all.find(({ keys }) => keys === key);
      if (found === undefined || (isTyping(event) && found.whileTyping !== true)) return;
      event.preventDefault();
      first = "";
      found.run(event);
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [show]);
  return (
    <Shortcuts value={registry}>
      {children}
      <Suspense>{listed !== null && <ShortcutList groups={listed} onClose={hide} />}</Suspense>
    </Shortcuts>
  );
}

/** `a`, `?`, `mod+enter`, `escape`; lower case. */
function nameOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  if (event.altKey) return `alt+${key}`;
  return event.metaKey || event.ctrlKey ? `mod+${key}` : key;
}

function isTyping({ target }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !["checkbox", "radio", "range", "button", "submit"].includes(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Keys that work while this component is shown. */
export function useShortcuts(name: string, shortcuts: readonly Shortcut[]): void {
  const registry = useContext(Shortcuts);
  const group = useRef<ShortcutGroup>({ name, shortcuts });
  useEffect(() => {
    group.current = { name, shortcuts };
  });
  useEffect(() => registry.add(group), [registry]);
}

/** Opens the list of all keys. */
export function useShortcutList(): () => void {
  return useContext(Shortcuts).show;
}
