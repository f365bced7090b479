/**
 * `kubectl aim`: explains what the operator decided, with the operator's own functions and the user's own rights.
 *
 * @module
 */

import { standardTerminal } from "./output/terminal.ts";
import { run } from "./program.ts";

if (import.meta.main) Deno.exit(await run(Deno.args, { terminal: standardTerminal() }));
