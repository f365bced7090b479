/** Secrets of the usual shapes, made up. */

import { Buffer } from "node:buffer";

/** Numbers in [0, 1), the same in each run. */
function chance(): () => number {
  let state = 7;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}

const random = chance();
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const word = (length: number, alphabet = letters) =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
const base64 = (text: string) => Buffer.from(text).toString("base64");
const base64url = (text: string) => Buffer.from(text).toString("base64url");

/** A token of each usual shape: the secret, and the text in which it is met. */
export const tokens: Readonly<Record<string, () => readonly [secret: string, text: string]>> = {
  "Hugging Face": () => whole(`hf_${word(34)}`),
  "AWS key id": () => whole(`AKIA${word(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`),
  "AWS secret key": () => whole(`${word(18)}/${word(18)}aA9`),
  "JSON web token": () =>
    whole(`${base64url('{"alg":"RS256"}')}.${base64url(`{"sub":"${word(12)}"}`)}.${word(43)}`),
  "docker auths": () => {
    const auth = base64(`user:${word(20)}`);
    return [auth, `{"auths":{"registry.example.com":{"auth":"${auth}"}}}`];
  },
  "docker auth alone": () => whole(base64(`robot$team:${word(24)}`)),
  "bearer": () => {
    const secret = word(32);
    return [secret, `Authorization: Bearer ${secret}`];
  },
  "basic": () => {
    const secret = base64(`admin:${word(16)}`);
    return [secret, `Basic ${secret}`];
  },
  "password in a URL": () => {
    const secret = word(16);
    return [secret, `https://user:${secret}@hub.example.com/org/model?x=1`];
  },
  "PEM": () => {
    const secret = Array.from({ length: 4 }, () => word(64)).join("\n");
    return [secret.split("\n")[1], `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`];
  },
  "GitHub": () => whole(`ghp_${word(36)}`),
  "named in a text": () => {
    const secret = word(12);
    return [secret, `pull failed: password=${secret}, tried again`];
  },
};

function whole(secret: string): readonly [string, string] {
  return [secret, secret];
}
