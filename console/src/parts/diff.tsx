import { Suspense, lazy } from "react";
import type { ReactNode } from "react";
import type { DiffProps } from "./diff-props.ts";
import { Loading } from "./states.tsx";

const Merge = lazy(() => import("./diff-view.tsx").then(({ DiffView }) => ({ default: DiffView })));

/** Two texts side by side with what differs marked, inert; the editor behind it is loaded when it is first needed. */
export function Diff(props: DiffProps): ReactNode {
  return (
    <Suspense fallback={<Loading rows={4} />}>
      <Merge {...props} />
    </Suspense>
  );
}
