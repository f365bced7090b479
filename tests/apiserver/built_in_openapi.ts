/**
 * Reads what the real API server says of the built-in kinds, their schemas and the columns of their tables, and keeps it
 * for `lib/apiserver`: `deno task apiserver:openapi`.
 */
import { gzipSync } from "node:zlib";
import { builtInKinds } from "../../lib/apiserver/kinds/built_in.ts";
import { shelfOf } from "../../lib/apiserver/kinds/kind.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { clientOf } from "./real_answers.ts";

type Definitions = Record<string, unknown>;

/** The groups and versions that are served from memory, as paths of `/openapi/v3`. */
const paths = [
  "api/v1",
  "apis/admissionregistration.k8s.io/v1",
  "apis/apiextensions.k8s.io/v1",
  "apis/apiregistration.k8s.io/v1",
  "apis/apps/v1",
  "apis/authentication.k8s.io/v1",
  "apis/authorization.k8s.io/v1",
  "apis/autoscaling/v1",
  "apis/autoscaling/v2",
  "apis/batch/v1",
  "apis/coordination.k8s.io/v1",
  "apis/discovery.k8s.io/v1",
  "apis/events.k8s.io/v1",
  "apis/networking.k8s.io/v1",
  "apis/node.k8s.io/v1",
  "apis/policy/v1",
  "apis/rbac.authorization.k8s.io/v1",
  "apis/scheduling.k8s.io/v1",
  "apis/storage.k8s.io/v1",
];

const file = new URL("../../lib/apiserver/schema/built_in_definitions.ts", import.meta.url);
const columnsFile = new URL("../../lib/apiserver/tables/built_in_column_definitions.ts", import.meta.url);

/** The file's text: all definitions by name, compressed, for they are mostly prose. */
export function fileOf(definitions: Definitions): string {
  const sorted = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => a < b ? -1 : 1));
  const packed = gzipSync(JSON.stringify(sorted), { level: 9 }).toString("base64");
  return `/** Written by \`deno task apiserver:openapi\`: the schemas of \`/openapi/v3\` of the API server, as JSON, gzip, base64. */\n` +
    `export const packedDefinitions =\n  "${packed}";\n`;
}

/** The columns of each kind, out of a table without rows. */
async function columnsOf(plane: ControlPlane): Promise<Record<string, unknown>> {
  const { send, close } = clientOf(plane);
  const columns: Record<string, unknown> = {};
  for (const kind of builtInKinds) {
    const path = `/${kind.group === "" ? "api" : `apis/${kind.group}`}/${kind.version}/${kind.plural}`;
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const request = { method: "GET", path: `${path}?fieldSelector=metadata.name%3Dnobody`, accept };
    const { code, body } = await send(request);
    if (code !== 200) throw new Error(`${path}: ${code}`);
    columns[shelfOf(kind)] = (body as { columnDefinitions: unknown }).columnDefinitions;
  }
  close();
  return columns;
}

if (import.meta.main) {
  const plane = await startControlPlane();
  try {
    const all: Definitions = {};
    for (const path of paths) {
      const document = await plane.request("GET", `/openapi/v3/${path}`) as {
        components: { schemas: Definitions };
      };
      Object.assign(all, document.components.schemas);
    }
    await Deno.writeTextFile(file, fileOf(all));
    console.log(`${Object.keys(all).length} definitions, ${(await Deno.stat(file)).size} bytes`);
    const packed = gzipSync(JSON.stringify(await columnsOf(plane)), { level: 9 }).toString("base64");
    await Deno.writeTextFile(
      columnsFile,
      `/** Written by \`deno task apiserver:openapi\`: the columns of the API server's tables, as JSON, gzip, base64. */\n` +
        `export const packedColumns =\n  "${packed}";\n`,
    );
    console.log(`columns: ${packed.length} bytes`);
  } finally {
    await plane.stop();
  }
}
