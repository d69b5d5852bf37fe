import { useState } from "react";

/** A text that stands for a value: what is typed stays as it is typed for as long as it means the value. */
export function useTyped<T>(
  value: T,
  write: (value: T) => string,
  read: (text: string) => T,
): [string, (text: string) => T] {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed !== null && sameJson(read(typed), value) ? typed : write(value);
  return [
    text,
    (next) => {
      setTyped(next);
      return read(next);
    },
  ];
}

export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
