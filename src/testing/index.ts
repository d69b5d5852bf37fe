/** What tests of a project import from "sluice/testing". */
export type { Aftermath } from "./crash/aftermath.ts";
export { ServerApi } from "./crash/api.ts";
export type { RunDocument, TraceStep } from "./crash/api.ts";
export { CRASH_POINTS } from "./crash/crash-at.ts";
export type { CrashPoint } from "./crash/crash-at.ts";
export { crashTest } from "./crash/crash-test.ts";
export type { CrashReport, CrashTestOptions } from "./crash/crash-test.ts";
export type { OpenReview, Reviewer, ReviewerAnswer } from "./crash/people.ts";
export { frozenClock } from "./frozen-clock.ts";
export type { FrozenClock } from "./frozen-clock.ts";
export { describeStore } from "./store-conformance/suite.ts";
export type { Framework } from "./store-conformance/suite.ts";
export type { ConformingStore, StoreFactory } from "./store-conformance/world.ts";
export { ScriptedReply, scriptedModel } from "../model/scripted.ts";
export type { Script, ScriptedModel } from "../model/scripted.ts";
