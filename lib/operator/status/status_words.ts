/** The words of `status.status` and their order (conventions.md §6.3, §6.4). */

/** Worst first. */
export const statusWords = [
  "Failed",
  "NotAvailable",
  "Degraded",
  "Pending",
  "Starting",
  "Progressing",
  "Ready",
  "Running",
] as const;

export type StatusWord = typeof statusWords[number];

/** Whether an object of ours says that it is `Ready`; one that is not there is not. */
export function isReady(object: { readonly status?: { readonly status?: string } } | undefined): boolean {
  return object?.status?.status === "Ready";
}

/** 0 (worst) to 7 (best); an empty or unknown word ranks with `Failed`. */
export function rank(word: string | undefined): number {
  return Math.max(0, statusWords.indexOf(word as StatusWord));
}

/** The worst of several; `Ready` of none. */
export function worst(words: Iterable<StatusWord>): StatusWord {
  let result: StatusWord | undefined;
  for (const word of words) if (result === undefined || rank(word) < rank(result)) result = word;
  return result ?? "Ready";
}

/** The one with the best status; the first of several, so that the caller's order decides. */
export function bestOf<T>(items: Iterable<T>, wordOf: (item: T) => string | undefined): T | undefined {
  let best: T | undefined;
  for (const item of items) if (best === undefined || rank(wordOf(item)) > rank(wordOf(best))) best = item;
  return best;
}

/** States in which something is wrong, as opposed to not ready yet. */
export function isError(word: StatusWord): boolean {
  return word === "Failed" || word === "NotAvailable" || word === "Degraded";
}

/** What an AIMService can show. */
export type ServiceStatusWord = "Pending" | "Starting" | "Running" | "Degraded" | "Failed";

/**
 * The word that an AIMService shows (services.md §11.5 rule 5). While it serves, what is wrong makes it `Degraded`
 * (spec/README "Degraded of a service"); `NotAvailable`, which its CRD does not know, is `Pending` while nothing does.
 */
export function serviceStatus(word: StatusWord, serving: boolean): ServiceStatusWord {
  if (serving && isError(word)) return "Degraded";
  switch (word) {
    case "Progressing":
      return "Starting";
    case "Ready":
      return "Running";
    case "NotAvailable":
      return "Pending";
    default:
      return word;
  }
}
