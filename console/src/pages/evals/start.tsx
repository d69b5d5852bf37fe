import { Button, Checkbox, Modal, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactNode } from "react";
import type { Input } from "../../api/client.ts";
import { call } from "../../api/client.ts";
import { promptsQuery } from "../../api/project.ts";
import type { EvalSuite } from "../../api/schema.gen.ts";
import { Failed } from "../../parts/states.tsx";
import css from "./evals.module.css";

interface StartDialogProps {
  suites: readonly EvalSuite[];
  suite: string | undefined;
  onClose(): void;
}

type Request = NonNullable<Input<"POST /v1/evals">["body"]>;

/** What is evaluated, against what, how often, and for how much at most. */
export function StartDialog({ suites, suite, onClose }: StartDialogProps): ReactNode {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [request, setRequest] = useState<Request>({ suite: suite ?? suites[0]?.name ?? "", repeat: 1 });
  const start = useMutation({
    mutationFn: (body: Request) => call("POST /v1/evals", { body }),
    onSuccess: async ({ eval_id: evalId }) => {
      await client.invalidateQueries({ queryKey: ["evals"] });
      await navigate({ to: "/evals/$evalId", params: { evalId } });
    },
  });
  return (
    <Modal opened onClose={onClose} title="Start an eval run" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate(request);
        }}
      >
        <Fields suites={suites} request={request} onChange={setRequest} />
        {start.isError && <Failed error={start.error} />}
        <div className={css["buttons"]}>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button type="submit" loading={start.isPending}>
            Start
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface FieldsProps {
  suites: readonly EvalSuite[];
  request: Request;
  onChange(request: Request): void;
}

/** Without the members that are not set: the server takes its own. */
function withPart(request: Request, part: { [K in keyof Request]?: Request[K] | undefined }): Request {
  const all = Object.entries({ ...request, ...part }).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(all) as Request;
}

interface LimitsProps {
  request: Request;
  set(part: { [K in keyof Request]?: Request[K] | undefined }): void;
}

function Limits({ request, set }: LimitsProps): ReactNode {
  return (
    <div className={css["pair"]}>
      <TextInput
        label="Model"
        placeholder="the version's own"
        value={request.model ?? ""}
        onChange={({ currentTarget }) => set({ model: currentTarget.value })}
      />
      <NumberInput
        label="Attempts at each case"
        min={1}
        max={100}
        allowDecimal={false}
        value={request.repeat ?? 1}
        onChange={(value) => set({ repeat: typeof value === "number" ? value : 1 })}
      />
      <NumberInput
        label="Budget, US dollars"
        placeholder="no limit"
        min={0}
        value={request.budget_usd ?? ""}
        onChange={(value) => set({ budget_usd: typeof value === "number" && value > 0 ? value : undefined })}
      />
    </div>
  );
}

function Fields({ suites, request, onChange }: FieldsProps): ReactNode {
  const { data } = useQuery(promptsQuery);
  const prompt = suites.find(({ name }) => name === request.suite)?.prompt ?? null;
  const versions = (data?.items ?? [])
    .filter(({ name }) => prompt === null || name === prompt)
    .map(({ name, version }) => `${name}@${version}`);
  const set = (part: { [K in keyof Request]?: Request[K] | undefined }): void => onChange(withPart(request, part));
  return (
    <>
      <NativeSelect
        label="Suite"
        data={suites.map(({ name }) => name)}
        value={request.suite}
        onChange={({ currentTarget }) =>
          onChange(withPart(request, { suite: currentTarget.value, prompt: undefined, baseline: undefined }))
        }
      />
      <div className={css["pair"]}>
        <NativeSelect
          label="Version"
          data={[{ value: "", label: prompt === null ? "as in force" : "the newest" }, ...versions]}
          value={request.prompt ?? ""}
          onChange={({ currentTarget }) => set({ prompt: currentTarget.value })}
        />
        <NativeSelect
          label="Compared with"
          data={[{ value: "", label: "nothing" }, ...versions]}
          value={request.baseline ?? ""}
          onChange={({ currentTarget }) => set({ baseline: currentTarget.value })}
        />
      </div>
      <Limits request={request} set={set} />
      <Checkbox
        label="Ask anew what was answered before"
        checked={request.fresh === true}
        onChange={({ currentTarget }) => set({ fresh: currentTarget.checked || undefined })}
      />
    </>
  );
}
