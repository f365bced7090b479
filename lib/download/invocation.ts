/** What the program is asked to do, told apart by the entry that it is called by (caching-and-artifacts.md §6.1, §6.3). */

import { DownloadFailure } from "./failure.ts";

export type Invocation =
  | { readonly mode: "check-size"; readonly uri: string }
  | { readonly mode: "download"; readonly uri: string; readonly folder: string | undefined };

/** What `--help` prints, and what a wrong command line is answered with. */
export const usage = "usage: download URI | check-size URI | initializer-entrypoint URI FOLDER";

/**
 * Reads the command line. An entry of the image is a file whose first line names the program, so its path stands before
 * what it was called with:
 *
 * - `/check-size.sh` measures.
 * - `/…/initializer-entrypoint` downloads into a folder, as KServe's storage initializer does.
 * - Called by itself: downloads; a first argument `download` or `check-size` says it in so many words.
 *
 * @throws DownloadFailure if an argument is missing or there is one too many.
 */
export function parseInvocation(args: readonly string[]): Invocation {
  const [first, ...rest] = args;
  if (first === "check-size" || first === "/check-size.sh") return checkSize(rest);
  if (first?.startsWith("/") && first.endsWith("/initializer-entrypoint")) return download(rest, 2);
  return download(first === "download" ? rest : args, 1);
}

function checkSize(args: readonly string[]): Invocation {
  if (args.length !== 1) throw new DownloadFailure("other", usage);
  return { mode: "check-size", uri: args[0] };
}

function download([uri, folder, ...rest]: readonly string[], least: number): Invocation {
  const given = folder === undefined ? 1 : 2;
  if (uri === undefined || rest.length > 0 || given < least) throw new DownloadFailure("other", usage);
  return { mode: "download", uri, folder };
}
