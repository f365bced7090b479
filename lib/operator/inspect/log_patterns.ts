/** What the last log lines of a failed container say (conventions.md §6.7 "Log rules"). */

import type { Code } from "../errors/codes.ts";
import type { ErrorCategory } from "../errors/errors.ts";
import type { KnownReason } from "../errors/reasons.ts";

export interface LogFinding {
  /** Absent: the log says nothing that we know; the pod's own reason decides. */
  readonly category?: ErrorCategory;
  readonly reason?: KnownReason;
  /** Fixed text before the pod's message. */
  readonly title?: string;
  /** The cause, where the line says more than the reason; the reason may be none of ours. */
  readonly code?: Code;
  /** The matching line, else the last three. */
  readonly excerpt: string;
}

interface Group {
  readonly result: Omit<LogFinding, "excerpt">;
  /** `a…b` is b later on the same line. */
  readonly patterns: readonly string[];
}

/** How many lines at the end of a log are looked at. */
export const LOG_LINES = 50;

/** The order matters: Hugging Face answers 401 for a repository that does not exist. */
const groups: readonly Group[] = [
  {
    result: { category: "InvalidSpec", reason: "SourceNotFound", title: "Source resource not found (404)" },
    patterns: [
      "repository not found",
      "RepositoryNotFoundError",
      "404…not…found",
      "not…found…404",
      "NoSuchKey",
      "NoSuchBucket",
      "model…not…found",
      "file…not…found",
      "s3…404",
    ],
  },
  {
    result: { category: "Auth", reason: "AuthError", title: "Authentication error detected in pod logs" },
    patterns: [
      "access…denied…s3",
      "s3…403",
      "InvalidAccessKeyId",
      "SignatureDoesNotMatch",
      "s3…unauthorized",
      "aws…credentials…not…found",
      "NoCredentialProviders",
      "access to model …is restricted",
      "cannot access gated repo",
      "invalid…token…huggingface",
      "huggingface…authentication…failed",
      "401…unauthorized…hf.co",
      "403…forbidden…hf.co",
    ],
  },
  {
    result: {
      category: "ResourceExhaustion",
      reason: "StorageFull",
      title: "Storage full error detected in pod logs",
    },
    patterns: ["no space left on device", "disk…full", "ENOSPC", "quota…exceeded", "storage…full"],
  },
];

/** What a line tells beside its class. */
const finer: readonly (readonly [patterns: readonly string[], code: Code])[] = [
  [["cannot access gated repo", "access to model …is restricted"], "AIM-0323"],
  [["too many requests", "429 client error", "slowdown…503", "503…slowdown"], "AIM-0324"],
];

/** Lines about the cluster's own rights (a refused status report, say): they must not pass for the cause. */
const operatorSide = [
  "RBAC:…not found",
  "clusterrole…not found",
  "forbidden…cannot…resource",
  "serviceaccount…cannot",
];

/** Classifies the last lines of a log. */
export function readLog(log: string): LogFinding {
  const lines = log.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "").slice(-LOG_LINES);
  const telling = lines.filter((line) => !operatorSide.some((pattern) => occurs(pattern, line)));
  for (const { result, patterns } of groups) {
    for (const pattern of patterns) {
      const line = telling.find((each) => occurs(pattern, each));
      if (line !== undefined) return { ...result, ...finerIn([line]), excerpt: line };
    }
  }
  return { ...finerIn(telling), excerpt: lines.slice(-3).join("\n") };
}

function finerIn(lines: readonly string[]): { readonly code?: Code } {
  const found = finer.find(([patterns]) => patterns.some((each) => lines.some((line) => occurs(each, line))));
  return found === undefined ? {} : { code: found[1] };
}

/** Whether the pieces of the pattern follow each other on the line; without backtracking on long lines. */
function occurs(pattern: string, line: string): boolean {
  const text = line.toLowerCase();
  let from = 0;
  for (const piece of pattern.toLowerCase().split("…")) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return true;
}
