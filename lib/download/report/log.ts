/** The log: lines on stderr for a person who reads `kubectl logs -f`. No secret gets into one. */

export type Log = (line: string) => void;

/** Variables whose values are secrets. */
const secretVariables = ["HF_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/** Takes the values of secret variables, and the credentials and queries of addresses, out of a text. */
export function withoutSecrets(text: string, env: (name: string) => string | undefined): string {
  let clean = text
    .replace(/(\bhttps?:\/\/)[^\s/@"']+@/gi, "$1***@")
    .replace(/(\bhttps?:\/\/[^\s?"']+)\?[^\s"']+/gi, "$1?***");
  for (const name of secretVariables) {
    const value = env(name)?.trim();
    // A very short value is no secret, and would take ordinary words apart.
    if (value !== undefined && value.length >= 6) clean = clean.replaceAll(value, "***");
  }
  return clean;
}

/** A log that writes to stderr. */
export function stderrLog(env: (name: string) => string | undefined): Log {
  const encoder = new TextEncoder();
  return (line) => void Deno.stderr.writeSync(encoder.encode(`${withoutSecrets(line, env)}\n`));
}
