/**
 * `deno task rbac` prints the roles of an operator that does what is asked for and no more, to be applied as they are.
 * `--write` writes the roles of `manifests`; `--check` fails when one of them differs.
 */

import { parseArgs } from "node:util";
import { type Document, parseAllDocuments } from "yaml";
import { type Feature, features, isFeature } from "./features.ts";
import { clusterReader, operatorRole, roleFiles } from "./role_files.ts";
import { type Choice, clusterReaderRules, faultOf } from "./rules.ts";

const manifests = new URL("../../manifests/", import.meta.url);

const usage = `deno task rbac [flags] prints the roles that the operator needs.

  --namespace=a,b         for an operator of these namespaces: Roles in them, and what it reads of the cluster
  --in=aim-system         the namespace where the operator runs
  --without=…             what is switched off, with commas:
${Object.entries(features).map(([name, when]) => `    ${name.padEnd(20)} ${when}`).join("\n")}
  --write, --check        writes manifests/rbac and its like, or says which of them differ
`;

/** What the command line asks to be printed. */
export interface Asked extends Choice {
  readonly namespaces: readonly string[];
  readonly operatorNamespace: string;
}

/** All documents of it, as one text. */
export async function rolesFor(asked: Asked): Promise<string> {
  const { isScoped, without, namespaces, operatorNamespace } = asked;
  // Where the operator runs is written before its roles are put into the namespaces that it watches.
  const here = (text: string) =>
    joined(documentsOf(text).map((document) => moved(document, operatorNamespace)));
  const texts = [
    ...(isScoped
      ? namespaces.flatMap((namespace) => [inNamespace(here(operatorRole(asked)), namespace)])
      : [here(operatorRole(asked))]),
    ...(isScoped && clusterReaderRules(asked).length > 0 ? [here(clusterReader(asked))] : []),
    ...(without.has("leader-election")
      ? []
      : [here(await manifest("rbac/account/leader_election_role.yaml"))]),
    ...(without.has("metrics") ? [] : [here(await manifest("rbac/metrics_roles.yaml"))]),
    ...(isScoped
      ? await Promise.all(
        namespaces.map(async (namespace) =>
          inNamespace(here(await manifest("watched-namespace/downloader.yaml")), namespace)
        ),
      )
      : [here(await manifest("rbac/artifact_status_updater_role.yaml"))]),
  ];
  return joined(texts.flatMap((text) => documentsOf(text)));
}

const manifest = (path: string) => Deno.readTextFile(new URL(path, manifests));

function documentsOf(text: string): Document[] {
  return parseAllDocuments(text) as Document[];
}

function inNamespace(text: string, namespace: string): string {
  return joined(
    documentsOf(text).map((document) => {
      document.setIn(["metadata", "namespace"], namespace);
      // The account of downloads is one of that namespace.
      const subject = ["subjects", 0];
      if (document.hasIn(subject) && !document.hasIn([...subject, "namespace"])) {
        document.setIn([...subject, "namespace"], namespace);
      }
      return document;
    }),
  );
}

/** The operator where it runs: its Lease, and who is bound. */
function moved(document: Document, namespace: string): Document {
  for (const path of [["metadata", "namespace"], ["subjects", 0, "namespace"]]) {
    if (document.getIn(path) === "aim-system") document.setIn(path, namespace);
  }
  return document;
}

function joined(documents: readonly Document[]): string {
  return documents.map((document) =>
    document.toString({ lineWidth: 0, directives: false, flowCollectionPadding: false })
  ).join("---\n");
}

/** @throws TypeError with what is wrong with the arguments */
function askedBy(
  args: string[],
): Asked & { readonly write: boolean; readonly check: boolean; readonly help: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      namespace: { type: "string", default: "" },
      in: { type: "string", default: "aim-system" },
      without: { type: "string", default: "" },
      write: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const words = (list: string) => list.split(",").filter((word) => word !== "");
  const unknown = words(values.without).filter((word) => !isFeature(word));
  if (unknown.length > 0) throw new TypeError(`there is no ${unknown.join(", ")} to be without`);
  const namespaces = words(values.namespace);
  const asked = {
    isScoped: namespaces.length > 0,
    without: new Set(words(values.without) as Feature[]),
    namespaces,
    operatorNamespace: values.in,
    write: values.write,
    check: values.check,
    help: values.help,
  };
  const fault = faultOf(asked);
  if (fault !== undefined) throw new TypeError(fault);
  return asked;
}

async function check(): Promise<void> {
  const drifted: string[] = [];
  for (const [path, text] of roleFiles()) if (await manifest(path) !== text) drifted.push(path);
  for (const path of drifted) console.error(`manifests/${path} differs from lib/rights`);
  if (drifted.length === 0) return;
  console.error("Run `deno task rbac --write` and commit the result.");
  Deno.exit(1);
}

async function write(): Promise<void> {
  for (const [path, text] of roleFiles()) {
    await Deno.writeTextFile(new URL(path, manifests), text);
    console.log(`manifests/${path}`);
  }
}

if (import.meta.main) {
  try {
    const asked = askedBy(Deno.args);
    if (asked.help) console.log(usage.trimEnd());
    else if (asked.check) await check();
    else if (asked.write) await write();
    else console.log((await rolesFor(asked)).trimEnd());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    Deno.exit(2);
  }
}
