/** Waiting for custom resource definitions. */
import type { ControlPlane } from "../plane.ts";
import { until } from "../until.ts";

/**
 * Returns when the API server serves the kind of every definition in the folder, whose files are named
 * `<group>_<plural>.yaml` as generators of such definitions do.
 */
export async function served(plane: ControlPlane, folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const [group, plural] = name.replace(/\.yaml$/, "").split("_");
    await until(`${plural} of ${group} served`, () => isServed(plane, group, plural));
  }
}

/** Whether discovery lists the resource in any version of its group. */
async function isServed(plane: ControlPlane, group: string, plural: string): Promise<boolean> {
  const { versions } = await plane.request("GET", `/apis/${group}`);
  for (const { groupVersion } of versions) {
    const { resources } = await plane.request("GET", `/apis/${groupVersion}`);
    if (resources.some((resource: { name: string }) => resource.name === plural)) return true;
  }
  return false;
}
