import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/** A version of a prompt that leads to it. */
export function VersionLink({ prompt, version }: { prompt: string; version: string }): ReactNode {
  return (
    <Link to="/prompts/$name" params={{ name: prompt }} search={{ version }}>
      {prompt}@{version}
    </Link>
  );
}
