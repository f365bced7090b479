/** Types all commands with the real API server and keeps what they print: `deno task apiserver:record:kubectl`. */
import { startControlPlane } from "../../control_plane/control_plane.ts";
import { keep } from "./recording.ts";
import { typeAll } from "./run.ts";

/** What kubectl prints with the real API server, whose objects nobody but kubectl touches. */
export async function printedByReal(most?: number): Promise<string[]> {
  const plane = await startControlPlane();
  try {
    return await typeAll(plane.program("kubectl"), plane.adminKubeconfig, most);
  } finally {
    await plane.stop();
  }
}

if (import.meta.main) {
  const printed = await printedByReal();
  await keep(printed);
  console.log(`${printed.length} commands`);
}
