/** What a downloader of ours has left as its termination message (caching-and-artifacts.md §6.3 Better). */

import type { Code } from "../errors/codes.ts";
import type { ComponentError } from "../errors/errors.ts";

/** `class` → what it means. */
const classes: Readonly<Record<string, Pick<ComponentError, "category" | "reason" | "code">>> = {
  auth: { category: "Auth", reason: "AuthError" },
  notFound: { category: "InvalidSpec", reason: "SourceNotFound" },
  storageFull: { category: "ResourceExhaustion", reason: "StorageFull" },
  network: { category: "InvalidSpec", reason: "PodFailed", code: "AIM-0328" },
  other: { category: "InvalidSpec", reason: "PodFailed" },
};

/** `detail` → the cause that it is. */
const details: Readonly<Record<string, Code>> = { gated: "AIM-0323", crowded: "AIM-0324" };

/** The verdict; undefined for a message of another program. */
export function readVerdict(text: string | undefined): ComponentError | undefined {
  if (!text?.startsWith("{")) return undefined;
  try {
    const told: { class?: unknown; message?: unknown; detail?: unknown } = JSON.parse(text);
    const verdict = entryOf(classes, told.class);
    if (verdict === undefined) return undefined;
    const code = entryOf(details, told.detail);
    return { ...verdict, message: String(told.message ?? told.class), ...(code && { code }) };
  } catch {
    return undefined;
  }
}

function entryOf<T>(rows: Readonly<Record<string, T>>, key: unknown): T | undefined {
  return typeof key === "string" && Object.hasOwn(rows, key) ? rows[key] : undefined;
}
