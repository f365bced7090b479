/**
 * What is remembered of download attempts (caching-and-artifacts.md §5.11 and §5.12 Better). A failed Job is
 * removed by its TTL, long before the next attempt may be due, and the status has no field for what it said:
 * annotations of the artifact carry it.
 */

import * as z from "zod";
import { type AIMArtifact, isQuantity } from "../../lib/api/mod.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Edit, editOf } from "../../lib/operator/core/plan.ts";
import { annotation } from "../../lib/operator/naming/labels.ts";
import { messageText } from "../../lib/operator/status/conditions.ts";
import type { ComponentError, ErrorCategory } from "../../lib/operator/errors/errors.ts";
import { type Code, codeOf, isCode, mostTelling } from "../../lib/operator/errors/codes.ts";
import { foreignReason, type Reason } from "../../lib/operator/errors/reasons.ts";

export const memoryAnnotation = {
  verified: annotation.verifiedClaim,
  failure: annotation.failedAttempt,
  sizeFailure: annotation.failedSizeCheck,
  /** Bytes that the source has after all, measured once the volume had turned out to be too small. */
  measured: "aim.eai.amd.com/measured-bytes",
  /** What was measured: the commit of a repository. */
  revision: "aim.eai.amd.com/source-revision",
} as const;

const categories = [
  "Infrastructure",
  "Unknown",
  "Auth",
  "InvalidSpec",
  "MissingUpstream",
  "MissingDownstream",
  "ResourceExhaustion",
] as const satisfies readonly ErrorCategory[];

const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const told = z.object({
  category: z.enum(categories),
  reason: z.string().transform((text) => foreignReason(text)),
  message: z.string(),
  code: z.custom<Code>((text) => isCode(text as string)).optional(),
});
const failureSchema = z.object({
  /** From 1; counts anew once the inputs change. */
  attempt: z.int().min(1),
  /** When the Job failed, and when the next one may begin. RFC 3339. */
  at: time,
  retryAt: time,
  /** Hash of what the Job was made of: another hash lets the next attempt begin at once. */
  inputs: z.string(),
  /** Whether everything had been downloaded: then it was the comparison that failed. */
  complete: z.boolean(),
  /** What the claim asked for then. */
  volume: z.string().refine(isQuantity).optional(),
  /** Of a full volume: whether the source has been measured since. */
  measured: z.boolean().optional(),
  job: told,
  /** Absent where the pods said nothing. */
  pods: told.optional(),
});

/** A failed attempt. */
export type Failure = z.output<typeof failureSchema>;

export interface Memory {
  /** UID of the claim that was verified. */
  readonly verified?: string;
  readonly failure?: Failure;
  readonly sizeFailure?: Failure;
  /** More bytes than were said or measured at first. */
  readonly measured?: number;
  /** Revision that was measured, and is to be downloaded. */
  readonly revision?: string;
}

/** What the artifact carries; an annotation that cannot be read counts as none. */
export function memoryOf({ metadata }: AIMArtifact): Memory {
  const said = (key: keyof typeof memoryAnnotation) => metadata.annotations?.[memoryAnnotation[key]] ?? "";
  const [verified, revision] = [said("verified"), said("revision")];
  const measured = /^[1-9]\d{0,15}$/.test(said("measured")) ? Number(said("measured")) : 0;
  const [failure, sizeFailure] = [failureIn(said("failure")), failureIn(said("sizeFailure"))];
  return {
    ...(verified && { verified }),
    ...(failure && { failure }),
    ...(sizeFailure && { sizeFailure }),
    ...(measured && { measured }),
    ...(revision && { revision }),
  };
}

function failureIn(text: string): Failure | undefined {
  // Most have none, and every pass looks: an exception costs more than the rest of the look.
  if (text === "") return undefined;
  try {
    return failureSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The edit that makes the artifact carry this; none where it does already. */
export function remember(artifact: Live<AIMArtifact>, memory: Memory): Edit[] {
  if (equalJson(memoryOf(artifact), memory)) return [];
  const annotations = {
    [memoryAnnotation.verified]: memory.verified ?? null,
    [memoryAnnotation.failure]: memory.failure === undefined ? null : JSON.stringify(memory.failure),
    [memoryAnnotation.sizeFailure]: memory.sizeFailure === undefined
      ? null
      : JSON.stringify(memory.sizeFailure),
    [memoryAnnotation.measured]: memory.measured === undefined ? null : String(memory.measured),
    [memoryAnnotation.revision]: memory.revision ?? null,
  };
  return [editOf(artifacts, artifact, { metadata: { annotations } })];
}

/** An error as it is remembered: of a message no more than a condition can show. */
export function remembered({ category, reason, message, code }: ComponentError): Failure["job"] {
  return { category, reason, message: messageText(message), ...(code && { code }) };
}

/** The reason that says most: its pods', else its Job's. */
export function reasonOf({ job, pods }: Failure): Reason {
  return (pods ?? job).reason;
}

/** The error of the failed Job, with the cause that its pods told. */
export function jobError({ job, pods }: Failure): ComponentError {
  const code = mostTelling([pods, job].map((each) => each?.code ?? codeOf(each?.reason)));
  return { ...job, ...(code && { code }) };
}

/** What a person reads of it. @param sooner what begins the next attempt before its time */
export function failureText({ attempt, at, retryAt, job, pods }: Failure, sooner: string): string {
  return `Download attempt ${attempt} failed at ${at}; the next begins at ${retryAt}, or once ${sooner}: ` +
    (pods ?? job).message;
}

const minute = 60_000;
const longest = 30 * minute;
/** What does not pass by itself is tried rarely; its cure is a change, which is noticed. */
const stubbornly = 60 * minute;
const stubborn: readonly Reason[] = [
  "AuthError",
  "SourceNotFound",
  "StorageFull",
  "ImagePullAuthFailure",
  "ImageNotFound",
];

/** When the attempt after this one may begin: a minute later, doubling to half an hour. */
export function retryTime(attempt: number, failedAt: string, reason: Reason): string {
  const wait = stubborn.includes(reason)
    ? stubbornly
    : Math.min(longest, minute * 2 ** Math.min(attempt - 1, 10));
  return new Date(Date.parse(failedAt) + wait).toISOString().replace(/\.\d+Z$/, "Z");
}
