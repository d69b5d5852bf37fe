import { Button, Modal, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../../api/client.ts";
import type { PromptDraft } from "../../../api/schema.gen.ts";
import { ReasonField } from "../../../parts/reason-field.tsx";
import { Failed } from "../../../parts/states.tsx";
import { TryInShadow } from "../shadow.tsx";
import css from "./draft.module.css";
import { keepUnsaved } from "./kept.ts";
import { nextVersion } from "./next-version.ts";
import { promptQuery } from "./queries.ts";

interface PublishProps {
  draft: PromptDraft;
  workflows: readonly string[];
  onClose(): void;
}

/** Makes a version of the draft, for good, and from there a shadow candidate. */
export function PublishDialog({ draft, workflows, onClose }: PublishProps): ReactNode {
  const client = useQueryClient();
  const { name, draft_id: draftId, revision } = draft;
  const publish = useMutation({
    mutationFn: (said: Said) =>
      call("POST /v1/prompts/{name}/drafts/{draft_id}/publish", {
        params: { name, draft_id: draftId },
        body: { ...said, expected_revision: revision },
      }),
    onSuccess: async () => {
      keepUnsaved(draftId, null);
      await client.invalidateQueries({ queryKey: ["project"] });
      await client.invalidateQueries({ queryKey: promptQuery(name).queryKey });
    },
  });
  const { data: version, variables } = publish;
  return (
    <Modal opened onClose={onClose} title={`Publish ${name}`} closeButtonProps={{ "aria-label": "Close" }}>
      {version === undefined ? (
        <Form name={name} isBusy={publish.isPending} error={publish.error} onSay={publish.mutate} onClose={onClose} />
      ) : (
        <div className={css["form"]}>
          <p>
            <Link to="/prompts/$name" params={{ name }} search={{ version: version.version }}>
              {name}@{version.version}
            </Link>{" "}
            is published. It serves nothing yet: a release says what serves.
          </p>
          <TryInShadow prompt={name} version={version.version} workflows={workflows} reason={variables?.reason} />
        </div>
      )}
    </Modal>
  );
}

interface Said {
  version: string;
  reason: string;
}

interface FormProps {
  name: string;
  isBusy: boolean;
  error: Error | null;
  onSay(said: Said): void;
  onClose(): void;
}

function Form({ name, isBusy, error, onSay, onClose }: FormProps): ReactNode {
  const { data } = useQuery(promptQuery(name));
  const taken = (data?.versions ?? []).map(({ version }) => version);
  const [typed, setTyped] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [today] = useState(() => new Date());
  const version = typed ?? nextVersion(taken, today);
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        onSay({ version, reason: reason.trim() });
      }}
    >
      <p>A version never changes again. It serves nothing until a release names it.</p>
      <TextInput
        label="Version"
        required
        value={version}
        error={taken.includes(version) ? "There is this version already." : undefined}
        onChange={({ currentTarget }) => setTyped(currentTarget.value.trim())}
      />
      <ReasonField reason={reason} onChange={setReason} />
      {error !== null && <Failed error={error} />}
      <div className={css["acts"]}>
        <Button variant="default" onClick={onClose}>
          Not yet
        </Button>
        <Button
          type="submit"
          disabled={reason.trim() === "" || version === "" || taken.includes(version)}
          loading={isBusy}
        >
          Publish {version}
        </Button>
      </div>
    </form>
  );
}
