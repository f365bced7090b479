/** Reads an installation with the user's own rights. It lists and gets; of Secrets it sees names and types only. */

import { kinds } from "../../api/mod.ts";
import { isStatus } from "../../kube/errors.ts";
import type { Transport } from "../../kube/transport.ts";
import { list } from "../../kube/watch/list.ts";
import { fieldsLacking } from "../../process/start/older_kinds.ts";
import { pullSecretsOf } from "./checks/pull_secrets.ts";
import { ownKinds, type Surveyed, surveyed } from "./kinds.ts";
import { type Answer, type SecretType, Survey, type SurveyFacts } from "./survey.ts";

/**
 * @param serverTime the API server's time and this machine's, once an answer has come
 * @throws ApiError, NetworkError, where it is something else than a missing right or kind
 */
export async function readSurvey(
  transport: Transport,
  serverTime: () => SurveyFacts["clocks"],
): Promise<Survey> {
  const answers = new Map(
    await Promise.all(surveyed.map(async (kind) => [kind, await answerOf(transport, kind)] as const)),
  );
  const missing = ownKinds.some((kind) => answers.get(kind) === "absent");
  const lacking = missing ? [] : await fieldsLacking(transport, kinds);
  const version = await versionOf(transport);
  const first = new Survey(answers);
  const secrets = await Promise.all(
    [...pullSecretsOf(first).keys()].map(async (key) => [key, await secretType(transport, key)] as const),
  );
  const clocks = serverTime();
  return new Survey(answers, {
    pullSecrets: new Map(secrets),
    lacking,
    ...(version !== undefined && { version }),
    ...(clocks && { clocks }),
  });
}

async function answerOf(transport: Transport, { resource, selection }: Surveyed): Promise<Answer> {
  try {
    return (await list(transport, resource, selection)).items;
  } catch (error) {
    if (isStatus(error, 404)) return "absent";
    if (isStatus(error, 403)) return "unreadable";
    throw error;
  }
}

async function versionOf(transport: Transport): Promise<string | undefined> {
  try {
    const { major, minor } = await transport.performRequest({
      method: "GET",
      path: "/version",
      expectJson: true,
      abortSignal: AbortSignal.timeout(15_000),
    }) as { major: string; minor: string };
    return `${major}.${parseInt(minor)}`;
  } catch (error) {
    if (isStatus(error, 403) || isStatus(error, 404)) return undefined;
    throw error;
  }
}

/** As a table, in which a Secret's content does not stand. */
const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io";

async function secretType(transport: Transport, key: string): Promise<SecretType> {
  const [namespace, name] = key.split("/");
  try {
    const { columnDefinitions, rows } = await transport.performRequest({
      method: "GET",
      path: `/api/v1/namespaces/${namespace}/secrets/${name}`,
      querystring: new URLSearchParams({ includeObject: "None" }),
      accept: asTable,
      expectJson: true,
      abortSignal: AbortSignal.timeout(15_000),
    }) as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] };
    const column = columnDefinitions.findIndex(({ name }) => name === "Type");
    return { type: String(rows[0]?.cells[column] ?? "") };
  } catch (error) {
    if (isStatus(error, 404)) return "missing";
    if (isStatus(error, 403)) return "unreadable";
    throw error;
  }
}
