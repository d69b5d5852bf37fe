import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Empty } from "../parts/states.tsx";

/** An address that leads nowhere. */
export function Missing(): ReactNode {
  return (
    <Empty title="There is nothing at this address.">
      <Link to="/runs">Go to the runs</Link>, or press <kbd>?</kbd> for all the ways around.
    </Empty>
  );
}
