import { Button, Modal } from "@mantine/core";
import { useDebouncedValue, useMediaQuery } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Release, ReleaseChange } from "../../api/schema.gen.ts";
import { Notice } from "../../parts/notice.tsx";
import { Line } from "../../parts/text.tsx";
import { ChangeForm } from "./change-form.tsx";
import { isEmptyChange } from "./change.ts";
import { Foreseen, usePlan } from "./foreseen.tsx";
import css from "./releases.module.css";
import type { Draft } from "./search.ts";

interface ChangeDialogProps {
  present: Release;
  drafted: ReleaseChange;
  draft: Draft;
}

const TYPING_MS = 300;

/** A change is put together, looked at, and put in force, proposed, or forced, each with a reason. */
export function ChangeDialog({ present, drafted, draft }: ChangeDialogProps): ReactNode {
  const isNarrow = useMediaQuery("(max-width: 760px)");
  const { workflow, number } = present;
  const [change, setChange] = useState(drafted);
  const [settled] = useDebouncedValue(change, TYPING_MS);
  const [base, setBase] = useState(number);
  const said = useRef(draft);
  useEffect(() => {
    said.current = draft;
  });
  useEffect(() => said.current(settled), [settled]);
  const isEmpty = isEmptyChange(change);
  const plan = usePlan(workflow, number, isEmptyChange(settled) ? undefined : { change: settled });
  return (
    <Modal
      opened
      onClose={() => draft(null)}
      title={`Change what ${workflow} may do`}
      size="min(1120px, 96vw)"
      fullScreen={isNarrow}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {base !== number && <Moved present={present} onTake={() => setBase(number)} />}
      <div className={css["dialog"]}>
        <ChangeForm present={present} change={change} onChange={setChange} />
        {isEmpty ? (
          <p className={css["dim"]}>Set something otherwise: what it raises, and what that needs, is said here.</p>
        ) : (
          <Foreseen
            plan={plan}
            base={base}
            isReady={settled === change && !plan.isFetching && base === number}
            send={(given) =>
              call("POST /v1/releases/{workflow}/promote", { params: { workflow }, body: { change, ...given } })
            }
            onDone={() => draft(null)}
          />
        )}
      </div>
    </Modal>
  );
}

function Moved({ present, onTake }: { present: Release; onTake(): void }): ReactNode {
  const { number, created_by: by, reason } = present;
  return (
    <Notice title={`Release ${number} came in force meanwhile`}>
      <p>
        By <Line text={by} max={60} />: <Line text={reason} max={200} />. What you draft is compared with it now.
      </p>
      <Button variant="default" onClick={onTake}>
        Go on from release {number}
      </Button>
    </Notice>
  );
}
