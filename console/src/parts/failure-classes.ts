import type { RunFailure } from "../api/schema.gen.ts";

interface Meaning {
  /** What the class says, in a sentence. */
  means: string;
  /** What to do next. */
  next: string;
}

const DIVERGENCE: Meaning = {
  means: "The code that is deployed now asks for something else than this run has on record, so it was stopped.",
  next: "Deploy the code from before and redrive it, or restart it from that step: what follows is asked anew, and writes that have happened stay.",
};

const MEANINGS: Readonly<Record<RunFailure["class"], Meaning>> = {
  transient: {
    means: "The other side failed in a way that usually passes, and went on failing through every attempt.",
    next: "See whether it answers again, then redrive: the run resumes at this step, and settled writes stay settled.",
  },
  rate_limited: {
    means: "The other side asked to slow down, more often than the attempts allow for.",
    next: "Lower the workflow's concurrency or raise the limit at the provider, then redrive.",
  },
  timeout: {
    means: "An answer did not come within the time that was set.",
    next: "See whether the other side is slow or the limit too short, then redrive.",
  },
  invalid_output: {
    means: "The model's answer did not fit its schema, also after the one repair.",
    next: "Look at the validation's pointers: a person can correct this output; a new prompt version mends the cause.",
  },
  rule_failed: {
    means: "A rule that the workflow rests on does not hold.",
    next: "A person corrects what the rule judged, or overrides it with a reason.",
  },
  tool_drift: {
    means: "A tool answered in another shape than it declares.",
    next: "Compare its answer with its declared result; the tool or its declaration has to change.",
  },
  denied: {
    means: "The call was not allowed: by its arguments, its grant, its risk or the stage.",
    next: "The guard's checks of that step say which one stood in the way.",
  },
  budget: {
    means: "The run had used up what it may spend.",
    next: "See what it was spent on; raise the budget in the workflow if that was right.",
  },
  refused: {
    means: "The model declined to answer.",
    next: "A person decides this one. Where it happens often, look at the prompt.",
  },
  bug: {
    means: "The workflow's own code, or a tool's, failed. Trying again would fail in the same way.",
    next: "Mend the code and deploy it, then redrive: the run resumes at this step.",
  },
  poison: {
    means: "The process died at this place again and again without saying why.",
    next: "Look at the server's log and memory at these times before redriving.",
  },
};

export function meaningOf({ class: failureClass, code }: Pick<RunFailure, "class" | "code">): Meaning {
  return code === "divergence" ? DIVERGENCE : MEANINGS[failureClass];
}
