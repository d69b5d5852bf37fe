import { SegmentedControl, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useContext, useMemo } from "react";
import type { ReactNode } from "react";
import { workflowsQuery } from "../../api/project.ts";
import type { Traffic, WorkflowGraph } from "../../api/schema.gen.ts";
import { useLine } from "../../live/live.tsx";
import { plural } from "../../parts/format.ts";
import { HoldBanner, PauseButton } from "../../parts/hold.tsx";
import { Page } from "../../parts/page.tsx";
import { useShortcuts } from "../../parts/shortcuts.tsx";
import { Failed, Loading } from "../../parts/states.tsx";
import { About, GraphProblems } from "./about.tsx";
import { PresentRelease } from "./present-release.tsx";
import { NodePanel } from "./panel.tsx";
import { pictureOf, withoutUntaken } from "./picture.ts";
import type { Picture } from "./picture.ts";
import { graphQuery, trafficQuery } from "./queries.ts";
import { LookedAt, RunsLink, useRunsBehind } from "./runs-link.tsx";
import { windowOf, workflowSearch } from "./search.ts";
import type { WorkflowSearch } from "./search.ts";
import { PictureTables, Strangers } from "./tables.tsx";
import { WindowPicker } from "./window.tsx";
import css from "./workflow.module.css";

const Canvas = lazy(() => import("./canvas.tsx").then((module) => ({ default: module.Canvas })));

/** A workflow: its picture with the figures of a window on it, and what it is. */
export function WorkflowPage(): ReactNode {
  const { name } = useParams({ from: "/frame/workflows/$name" });
  const search = useSearch({ from: "/frame/workflows/$name" });
  const { since, until } = search;
  const window = useMemo(
    () => windowOf({ ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }),
    [since, until],
  );
  const { line } = useLine();
  const graph = useQuery(graphQuery(name));
  const traffic = useQuery(trafficQuery(name, window, line === "live"));
  const { data: workflows } = useQuery(workflowsQuery);
  const workflow = workflows?.items.find((each) => each.name === name);
  const runs = traffic.data?.runs ?? 0;
  const looked = useMemo(() => ({ workflow: name, window, runs }), [name, window, runs]);
  return (
    <LookedAt value={looked}>
      <Page
        title={name}
        about={<Summary traffic={traffic.data} error={traffic.error} />}
        actions={
          <>
            <PresentRelease workflow={name} />
            {workflow !== undefined && <PauseButton workflow={name} hold={workflow.hold} />}
            <WindowPicker />
          </>
        }
      >
        {workflow !== undefined && <HoldBanner workflow={name} hold={workflow.hold} />}
        {graph.data !== undefined ? (
          <Drawn graph={graph.data} traffic={traffic.data} search={search} />
        ) : graph.isError ? (
          <Failed error={graph.error} again={() => void graph.refetch()} />
        ) : (
          <Loading rows={14} height={44} />
        )}
        {workflow !== undefined && <About workflow={workflow} />}
      </Page>
    </LookedAt>
  );
}

/** How many runs the figures are of, and where they are. */
function Summary({ traffic, error }: { traffic: Traffic | undefined; error: Error | null }): ReactNode {
  const { window } = useContext(LookedAt);
  if (traffic === undefined)
    return error === null ? "Counting runs…" : `The runs could not be counted: ${error.message}`;
  const span = window.until === undefined && /^\d/.test(window.since) && !window.since.includes("T");
  const when = span ? `in the last ${window.since}` : "in this window";
  if (traffic.runs === 0) return `No run came in ${when}: the picture is drawn from the source alone.`;
  const places = traffic.nodes.filter(({ id }) => /^(end|now):/.test(id));
  return (
    <span className={css["summary"]}>
      <RunsLink filters={{}}>{plural(traffic.runs, "run")}</RunsLink> {when}:
      {places.map(({ id, count }) => (
        <RunsLink key={id} filters={{ status: id.slice(4) }}>
          {`${count} ${id.slice(4)}`}
        </RunsLink>
      ))}
      {traffic.unplaced > 0 && <span>{plural(traffic.unplaced, "run")} whose way is not known</span>}
      {traffic.sampled < traffic.runs && <span>times of the last {plural(traffic.sampled, "run")}</span>}
    </span>
  );
}

function Drawn({ graph, traffic, search }: DrawnProps): ReactNode {
  const whole = useMemo(() => pictureOf(graph, traffic), [graph, traffic]);
  const picture = useMemo(() => (search.failures === "off" ? withoutUntaken(whole) : whole), [whole, search.failures]);
  const set = useSet();
  const onOpen = useCallback((id: string) => set({ node: id }), [set]);
  useKeys(search, set, picture);
  const isTable = search.view === "table";
  const opened = whole.spots.find(({ node }) => node.id === search.node);
  const panel = opened !== undefined && (
    <NodePanel spot={opened} picture={whole} file={graph.file} onClose={() => closeOf(search, set)} />
  );
  return (
    <>
      <GraphProblems problems={graph.problems} />
      <div className={css["frame"]}>
        <Tools search={search} set={set} />
        {isTable ? (
          <div className={css["tables"]}>
            <PictureTables picture={picture} onOpen={onOpen} />
            {panel}
          </div>
        ) : (
          <div className={css["stage"]}>
            <Suspense fallback={<Loading rows={12} height={44} />}>
              <Canvas picture={picture} open={search.node} onOpen={onOpen} />
            </Suspense>
            {panel}
          </div>
        )}
      </div>
      <Strangers strangers={whole.strangers} />
    </>
  );
}

interface DrawnProps {
  graph: WorkflowGraph;
  traffic: Traffic | undefined;
  search: WorkflowSearch;
}

type SetSearch = (change: { [name in keyof WorkflowSearch]?: WorkflowSearch[name] | undefined }) => void;

function useSet(): SetSearch {
  const navigate = useNavigate();
  const { workflow } = useContext(LookedAt);
  return useCallback<SetSearch>(
    (change) =>
      void navigate({
        to: "/workflows/$name",
        params: { name: workflow },
        search: (before) => workflowSearch({ ...before, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate, workflow],
  );
}

/** The focus goes back to the node whose panel it was. */
function closeOf({ node }: WorkflowSearch, set: SetSearch): void {
  set({ node: undefined });
  const all = [...document.querySelectorAll<HTMLElement>("[data-node], [data-row]")];
  all.find(({ dataset }) => (dataset["node"] ?? dataset["row"]) === node)?.focus({ preventScroll: true });
}

function useKeys(search: WorkflowSearch, set: SetSearch, picture: Picture): void {
  const navigate = useNavigate();
  const behind = useRunsBehind();
  const openRuns = (): void => {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["node"] : undefined;
    const id = focused ?? search.node;
    const spot = picture.spots.find(({ node }) => node.id === id);
    const edge = spot === undefined ? {} : { edge_to: spot.members[0]?.id ?? spot.node.id };
    void navigate({ to: "/runs", search: behind(edge) });
  };
  useShortcuts("Workflow", [
    { keys: "r", label: "Runs that came to the node, or all in the window", run: openRuns },
    { keys: "t", label: "Picture or table", run: () => set({ view: search.view === "table" ? undefined : "table" }) },
    {
      keys: "f",
      label: "Failure exits, shown or not",
      run: () => set({ failures: search.failures === "off" ? undefined : "off" }),
    },
    ...(search.node === undefined
      ? []
      : [{ keys: "escape", label: "Close the panel", run: () => closeOf(search, set) }]),
  ]);
}

function Tools({ search, set }: { search: WorkflowSearch; set: SetSearch }): ReactNode {
  return (
    <div className={css["tools"]}>
      <SegmentedControl
        size="xs"
        aria-label="Shown as"
        value={search.view ?? "picture"}
        onChange={(view) => set({ view: view === "table" ? "table" : undefined })}
        data={[
          { value: "picture", label: "Picture" },
          { value: "table", label: "Table" },
        ]}
      />
      <Switch
        size="xs"
        label="Failure exits"
        checked={search.failures !== "off"}
        onChange={({ currentTarget }) => set({ failures: currentTarget.checked ? undefined : "off" })}
      />
      <Legend />
    </div>
  );
}

function Legend(): ReactNode {
  return (
    <ul className={css["legend"]} aria-label="Lines">
      <li data-line="flow">as written</li>
      <li data-line="implied">by the runtime</li>
      <li data-line="failure">what fails</li>
    </ul>
  );
}
