import { Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";
import { Pieces } from "./text.tsx";
import css from "./states.module.css";

/** Nothing to show: says why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className={css["empty"]}>
      <p className={css["title"]}>{title}</p>
      {children !== undefined && <div className={css["next"]}>{children}</div>}
    </div>
  );
}

/** What went wrong, in the server's words, and a way to try again. */
export function Failed({ error, again }: { error: unknown; again?: () => void }): ReactNode {
  const problem = error instanceof ApiError ? error : undefined;
  return (
    <div className={css["failed"]} role="alert">
      <p className={css["title"]}>{problem?.message ?? "The console met an error it did not expect."}</p>
      {problem !== undefined && problem.errors.length > 0 && <Problems errors={problem.errors} />}
      <p className={css["code"]}>
        {problem === undefined
          ? String(error)
          : problem.status === 0
            ? problem.code
            : `${problem.status} ${problem.code}`}
      </p>
      {again !== undefined && (
        <Button variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Characters of one message. */
const SHOWN = 600;

/** Pointers and what is wrong at each. */
export function Problems({ errors }: { errors: readonly { pointer: string; message: string }[] }): ReactNode {
  return (
    <ul className={css["problems"]}>
      {errors.map(({ pointer, message }) => (
        <li key={`${pointer} ${message}`}>
          <code>{pointer === "" ? "/" : pointer}</code>{" "}
          <bdi>
            <Pieces text={message.length > SHOWN ? `${message.slice(0, SHOWN)}…` : message} />
          </bdi>
        </li>
      ))}
    </ul>
  );
}

/** Grey rows in the place and height of those that come. */
export function Loading({ rows = 8, height = 36 }: { rows?: number; height?: number }): ReactNode {
  return (
    <output className={css["loading"]} aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height - 8} radius={4} />
      ))}
    </output>
  );
}

/** The query's data once it is there; until then grey rows, and the error where there is one. */
export function Loaded<T>({ query, children, rows }: LoadedProps<T>): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <Failed error={query.error} again={() => void query.refetch()} />;
  return rows === undefined ? <Loading /> : <Loading rows={rows} />;
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  rows?: number;
}
