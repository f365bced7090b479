/** The programs that are compiled, one row each: a file that needs no Deno, with permissions that it carries itself. */

import { fileURLToPath } from "node:url";
import { denoFlags as denoFlagsOfCommandLine } from "../lib/cli/permissions.ts";
import { denoFlags } from "../lib/process/permissions.ts";
import { permissions } from "../lib/download/permissions.ts";
import { neighbours } from "../lib/surroundings/crds/definitions.ts";
import { permissionFlags } from "../lib/program/permissions.ts";

export interface Program {
  /** Of the file. */
  readonly name: string;
  /** Its main module, in the checkout. */
  readonly entry: string;
  /** Modules that it starts as threads of their own, each under its file's name beside the main module. */
  readonly threads: readonly string[];
  /** Files that its modules read beside themselves, in the checkout; beside the main module, by their names. */
  readonly files?: readonly string[];
  /** Flags of Deno that become part of the file: permissions, and how V8 keeps its heap. */
  readonly flags: readonly string[];
}

export const programs: readonly Program[] = [
  { name: "aim-operator", entry: "mod.ts", threads: [], flags: denoFlags },
  {
    name: "aim-downloader",
    entry: "lib/download/main.ts",
    threads: ["lib/download/xet/unpack_worker.ts", "lib/download/transfer/verify_worker.ts"],
    flags: ["--no-prompt", "--v8-flags=--max-semi-space-size=2", ...permissionFlags(permissions)],
  },
  // A plugin of kubectl, whose name is what kubectl looks for.
  {
    name: "kubectl-aim",
    entry: "lib/cli/main.ts",
    threads: [],
    files: neighbours.map(({ file }) => fileURLToPath(file)),
    flags: denoFlagsOfCommandLine,
  },
];
