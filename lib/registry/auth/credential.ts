/** One way to prove who asks, which never shows itself in a log or a message. */

import { createHash } from "node:crypto";

/** What an entry of a docker configuration may hold. */
export interface CredentialParts {
  readonly username?: string;
  readonly password?: string;
  /** A refresh token of OAuth 2, exchanged for a token at the token endpoint. */
  readonly identityToken?: string;
  /** A token that goes to the registry as it is. */
  readonly registryToken?: string;
}

/** The credential for a registry. */
export class Credential {
  /** Equal for equal credentials, and says nothing about them. */
  readonly fingerprint: string;
  readonly #parts: CredentialParts;

  constructor(parts: CredentialParts) {
    this.#parts = parts;
    const { username, password, identityToken, registryToken } = parts;
    this.fingerprint = createHash("sha256")
      .update(JSON.stringify([username, password, identityToken, registryToken])).digest("hex");
  }

  /** The value of a header `Authorization: Basic`; none without a user name. */
  basic(): string | undefined {
    const { username, password } = this.#parts;
    if (!username) return undefined;
    const bytes = new TextEncoder().encode(`${username}:${password ?? ""}`);
    return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
  }

  /** The password where it is an access token (GitHub's), as the value of a header. */
  bearer(): string | undefined {
    const { password } = this.#parts;
    return password ? `Bearer ${password}` : undefined;
  }

  /** User name and password for a login that wants them in its body. */
  login(): { readonly username: string; readonly password: string } | undefined {
    const { username, password } = this.#parts;
    return username && password ? { username, password } : undefined;
  }

  get identityToken(): string | undefined {
    return this.#parts.identityToken;
  }

  get registryToken(): string | undefined {
    return this.#parts.registryToken;
  }

  /** What must not be in any message. */
  secrets(): string[] {
    const { password, identityToken, registryToken } = this.#parts;
    return [password, identityToken, registryToken, this.basic()?.slice("Basic ".length)]
      .filter((secret) => secret !== undefined && secret !== "") as string[];
  }

  toJSON(): string {
    return "[credential]";
  }

  [Symbol.for("Deno.customInspect")](): string {
    return "[credential]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[credential]";
  }
}
