import { Button, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { Page } from "../../parts/page.tsx";
import { Line } from "../../parts/text.tsx";
import css from "./run.module.css";

/** No run has this id: it may be mistyped, or another id of the same ticket. */
export function UnknownRun({ id }: { id: string }): ReactNode {
  const navigate = useNavigate();
  const [words, setWords] = useState(id.trim());
  return (
    <Page
      title="No such run"
      about={
        <>
          There is no run “<Line text={id} max={80} />” in this data folder.
        </>
      }
    >
      <form
        className={css["search"]}
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ to: "/runs", search: words.trim() === "" ? {} : { q: words.trim() } });
        }}
      >
        <TextInput
          label="Search for it"
          description="A run's id or an event's, or the beginning of one; or words of the event or the decision. An id may be mistyped: leave out its end."
          value={words}
          onChange={({ currentTarget }) => setWords(currentTarget.value)}
        />
        <Button type="submit">Search the runs</Button>
      </form>
    </Page>
  );
}
