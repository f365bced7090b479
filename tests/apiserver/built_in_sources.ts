/**
 * Reads from the Go modules of the pinned release what no schema says of the built-in kinds: how they are written in
 * protobuf, and which fields are left out when they are empty; and the roles that a cluster begins with. Kept for
 * `lib/apiserver`: `deno task apiserver:sources`. Wants Go.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import protobuf from "protobufjs";
import { parse } from "yaml";
import { type GoZeros, goZeros } from "./go_zeros.ts";

/** The modules, and the packages of the kinds that are served from memory. Messages of others come with them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  "k8s.io/apimachinery": ["pkg/apis/meta/v1", "pkg/runtime"],
  "k8s.io/apiextensions-apiserver": ["pkg/apis/apiextensions/v1"],
  "k8s.io/api": [
    "admissionregistration/v1",
    "apps/v1",
    "authentication/v1",
    "authorization/v1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "coordination/v1",
    "core/v1",
    "discovery/v1",
    "events/v1",
    "networking/v1",
    "node/v1",
    "policy/v1",
    "rbac/v1",
    "scheduling/v1",
    "storage/v1",
  ],
};

const goFolder = fileURLToPath(new URL("../control_plane/go/kubernetes", import.meta.url));
const library = fileURLToPath(new URL("../../lib/apiserver", import.meta.url));

/** Where Go keeps the source of a module. */
async function folderOf(module: string): Promise<string> {
  const args = ["list", "-m", "-f", "{{.Dir}}", module];
  const { success, stdout, stderr } = await new Deno.Command("go", { args, cwd: goFolder }).output();
  if (!success) throw new Error(`go ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

/** All messages, as JSON that protobufjs reads. Those of definitions are left out: nobody sends them so. */
function messages(folders: ReadonlyMap<string, string>): unknown {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => {
    const module = target.split("/").slice(0, 2).join("/");
    return `${folders.get(module)}${target.slice(module.length)}`;
  };
  const sent = Object.entries(packages).filter(([module]) => !module.includes("apiextensions"));
  root.loadSync(sent.flatMap(([module, all]) => all.map((path) => `${module}/${path}/generated.proto`)));
  return root.toJSON();
}

/** What Go leaves out and what it always writes, by the name of the definition in `/openapi/v3`. */
async function zeros(folders: ReadonlyMap<string, string>): Promise<Record<string, GoZeros>> {
  const all: Record<string, GoZeros> = {};
  for (const [module, paths] of Object.entries(packages)) {
    for (const path of paths) {
      const prefix = `${module}/${path}`.replace("k8s.io", "io.k8s").replaceAll("/", ".");
      for (const [name, zero] of Object.entries(await goZeros(join(folders.get(module)!, path)))) {
        if (zero.omitted.length + Object.keys(zero.always).length > 0) all[`${prefix}.${name}`] = zero;
      }
    }
  }
  return all;
}

/** The roles and bindings of a new cluster, without those of Kubernetes' own programs. */
async function bootstrapRoles(): Promise<unknown[]> {
  const folder = join(
    await folderOf("k8s.io/kubernetes"),
    "plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata",
  );
  const files = ["cluster-roles.yaml", "cluster-role-bindings.yaml"];
  const lists = await Promise.all(
    files.map(async (file) => parse(await Deno.readTextFile(join(folder, file)))),
  );
  const role = ({ metadata, roleRef }: { metadata: { name: string }; roleRef?: { name: string } }) =>
    roleRef?.name ?? metadata.name;
  return lists.flatMap(({ items }) => items).filter((item) => ofUsers.test(role(item)));
}

const ofUsers = /^(?!system:)|^system:(aggregate-to-.*|basic-user|discovery|monitoring|public-info-viewer)$/;

async function write(file: string, name: string, what: string, value: unknown): Promise<void> {
  const packed = gzipSync(JSON.stringify(value), { level: 9 }).toString("base64");
  const text = `/** Written by \`deno task apiserver:sources\`: ${what}, as JSON, gzip, base64. */\n` +
    `export const ${name} =\n  "${packed}";\n`;
  await Deno.writeTextFile(join(library, file), text);
  console.log(`${file}: ${text.length} bytes`);
}

if (import.meta.main) {
  const folders = new Map<string, string>();
  for (const module of Object.keys(packages)) folders.set(module, await folderOf(module));
  const messagesFile = "protobuf/built_in_messages.ts";
  await write(
    messagesFile,
    "packedMessages",
    "the messages of the built-in kinds for protobufjs",
    messages(folders),
  );
  const rolesFile = "rights/bootstrap_roles.ts";
  await write(rolesFile, "packedRoles", "the roles and bindings of a new cluster", await bootstrapRoles());
  const zerosFile = "schema/built_in_go_zeros.ts";
  await write(
    zerosFile,
    "packedZeros",
    "what Go leaves out of structures and what it always writes",
    await zeros(folders),
  );
}
