/** What a registry is shown to prove who asks: basic, bearer tokens, or nothing (models-and-templates.md §3.3, model-sources-and-config.md §4.2). */

import { type Challenge, parseChallenges } from "./challenge.ts";
import type { Credential } from "./credential.ts";
import { type Exchange, type HttpAnswer, refusal } from "../http/exchange.ts";
import { failureOf, type Subject } from "../messages.ts";
import { allowsPlainHttp, splitHost } from "../reference.ts";

/** Bytes of a token server's answer, at most. */
const tokenLimit = 1024 * 1024;

/** Milliseconds that a token lives when its server says nothing (distribution's token specification). */
const usualLifetime = 60_000;

/** A value for the header `Authorization`, and until when it is of use. */
export interface Grant {
  readonly header: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Who asks for what. */
export interface Asker {
  readonly subject: Subject;
  /** Path of the image in the registry. */
  readonly repository: string;
  readonly credential?: Credential;
  /** What a token is asked for where the registry does not say; by default, to pull from the repository. */
  readonly scope?: string;
}

/**
 * Answers the challenge of a 401: undefined when there is nothing to answer it with.
 *
 * @throws RegistryError when the token server refuses or cannot be asked safely
 */
export async function answerChallenge(
  header: string | null,
  asker: Asker,
  exchange: Exchange,
  now: () => number,
  signal: AbortSignal,
): Promise<Grant | undefined> {
  const challenges = parseChallenges(header ?? "");
  const { credential } = asker;
  const wanted = challenges.find(({ scheme }) => scheme === "bearer" || scheme === "basic");
  if (wanted?.scheme === "basic") {
    const basic = credential?.basic();
    return basic === undefined ? undefined : { header: basic, until: Infinity };
  }
  if (wanted === undefined) return undefined;
  if (credential?.registryToken !== undefined) {
    return { header: `Bearer ${credential.registryToken}`, until: Infinity };
  }
  const realm = checkedRealm(wanted, asker.subject);
  const asked = now();
  const answer = await askForToken(realm, wanted, asker, exchange, signal);
  return grantFrom(answer, realm, asker.subject, asked);
}

/** The address of the token server, if a credential may be sent there. */
function checkedRealm({ parameters }: Challenge, subject: Subject): URL {
  const { realm = "" } = parameters;
  if (!URL.canParse(realm)) {
    throw failureOf(
      subject,
      "UnexpectedResponse",
      "the registry wants a token and names no address to get it from",
    );
  }
  const url = new URL(realm);
  url.username = url.password = url.hash = "";
  const sameHost = splitHost(url.host).host === splitHost(subject.registry).host;
  const plain = url.protocol === "http:" && sameHost && allowsPlainHttp(subject.registry);
  if (url.protocol !== "https:" && !plain) {
    throw failureOf(
      subject,
      "UnexpectedResponse",
      `the registry sends to ${url.protocol}//${url.host} for a token, which is not asked over plain HTTP`,
    );
  }
  return url;
}

async function askForToken(
  realm: URL,
  { parameters }: Challenge,
  { subject, repository, credential, scope: wanted = `repository:${repository}:pull` }: Asker,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { service, scope = wanted } = parameters;
  const what = "a token";
  if (credential?.identityToken !== undefined) {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: credential.identityToken,
      ...(service === undefined ? {} : { service }),
      scope,
      client_id: "aim-operator",
    });
    const request = { addresses: [realm], headers: {}, form, limit: tokenLimit, what };
    const answer = await exchange.send(request, subject, signal);
    // Servers without the OAuth 2 endpoint know only the GET below.
    if (answer.status !== 404) return answer;
  }
  const url = new URL(realm);
  url.searchParams.set("scope", scope);
  if (service !== undefined) url.searchParams.set("service", service);
  const basic = credential?.basic();
  const headers: Record<string, string> = basic === undefined ? {} : { authorization: basic };
  return await exchange.send({ addresses: [url], headers, limit: tokenLimit, what }, subject, signal);
}

function grantFrom(answer: HttpAnswer, realm: URL, subject: Subject, asked: number): Grant {
  if (answer.status < 200 || answer.status > 299) {
    // A token server's 400 or 404 is about the credential, not about the image.
    const refused = [400, 401, 403].includes(answer.status);
    throw refusal(
      "a token",
      answer,
      subject,
      realm.host,
      undefined,
      refused ? "ImagePullAuthFailure" : "UnexpectedResponse",
    );
  }
  let fields: Record<string, unknown> = {};
  try {
    fields = JSON.parse(new TextDecoder().decode(answer.bytes)) ?? {};
  } catch { /* no token, as below */ }
  const token = [fields.access_token, fields.token].find((one) => typeof one === "string" && one !== "") as
    | string
    | undefined;
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
    throw failureOf(subject, "UnexpectedResponse", `the token server ${realm.host} answered without a token`);
  }
  subject.secrets.add(token);
  const lifetime = Number(fields.expires_in) > 0 ? Number(fields.expires_in) * 1000 : usualLifetime;
  // A token that ends while a request is under way is of no use.
  return { header: `Bearer ${token}`, until: asked + lifetime * 0.8 };
}
