/** What the program is asked to do, told apart by the name that it is called by (caching-and-artifacts.md §6.1, §6.3). */

import { DownloadFailure } from "./failure.ts";

export type Invocation =
  | { readonly mode: "check-size"; readonly uri: string }
  | { readonly mode: "download"; readonly uri: string; readonly folder: string | undefined };

const usage = "usage: download URI | check-size URI | initializer-entrypoint URI FOLDER";

/**
 * Reads the command line.
 *
 * - Called as `check-size.sh`: measures.
 * - Called as `initializer-entrypoint`: downloads into a folder, as KServe's storage initializer does.
 * - By any other name: downloads; a first argument `download` or `check-size` says it in so many words.
 *
 * @param program path of the file that was called.
 * @throws DownloadFailure if an argument is missing or there is one too many.
 */
export function parseInvocation(program: string, args: readonly string[]): Invocation {
  const name = program.split("/").at(-1)!;
  if (name === "check-size.sh") return checkSize(args);
  if (name === "initializer-entrypoint") return download(args, 2);
  if (args[0] === "check-size") return checkSize(args.slice(1));
  return download(args[0] === "download" ? args.slice(1) : args, 1);
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
