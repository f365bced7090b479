/**
 * A certificate authority for one control plane: issues the handful of X.509 certificates that its parts and
 * clients need, valid for a year, with P-256 keys.
 *
 * Written in DER by hand because Web Crypto and node:crypto issue no certificates and what this needs of
 * X.509 is one page.
 */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Who a client is to the API server: the common name is the user, organizations are its groups. */
export interface ClientIdentity {
  readonly user: string;
  readonly groups?: readonly string[];
}

/** An authority that signs with its own self-signed certificate. */
export class CertificateAuthority {
  /** The authority's certificate, PEM. */
  readonly certificate: string;
  readonly #name: Uint8Array;
  readonly #key: KeyObject;

  constructor(commonName: string) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#name = distinguishedName(commonName, []);
    this.#key = privateKey;
    this.certificate = this.#sign(this.#name, publicKey, [
      extension(oids.basicConstraints, true, sequence(tlv(0x01, [0xff]))),
      extension(oids.keyUsage, true, tlv(0x03, [0x01, 0x06])), // keyCertSign, cRLSign
    ]);
  }

  /** A certificate by which a client names itself. */
  forClient({ user, groups = [] }: ClientIdentity): KeyPair {
    return this.#issue(distinguishedName(user, groups), [extendedKeyUsage(oids.clientAuth)]);
  }

  /**
   * A certificate for a server on these DNS names and IPv4 addresses.
   *
   * @param issuedAt when it was issued, in milliseconds since 1970; it is good from an hour before that, for a year
   */
  forServer(hosts: readonly string[], issuedAt?: number): KeyPair {
    const names = hosts.map((host) =>
      /^\d+(\.\d+){3}$/.test(host)
        ? tlv(0x87, host.split(".").map(Number))
        : tlv(0x82, new TextEncoder().encode(host))
    );
    return this.#issue(distinguishedName(hosts[0], []), [
      extendedKeyUsage(oids.serverAuth),
      extension(oids.subjectAltName, false, sequence(...names)),
    ], issuedAt);
  }

  #issue(subject: Uint8Array, extensions: Uint8Array[], issuedAt?: number): KeyPair {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
      certificate: this.#sign(subject, publicKey, [
        extension(oids.keyUsage, true, tlv(0x03, [0x07, 0x80])), // digitalSignature
        ...extensions,
      ], issuedAt),
      key: privatePem(privateKey),
    };
  }

  #sign(subject: Uint8Array, publicKey: KeyObject, extensions: Uint8Array[], now = Date.now()): string {
    const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256));
    const serial = randomBytes(8);
    serial[0] = serial[0] & 0x7f | 0x40; // positive, and no leading zero
    const unsigned = sequence(
      tlv(0xa0, tlv(0x02, [2])),
      tlv(0x02, serial),
      algorithm,
      this.#name,
      sequence(utcTime(now - 60 * 60_000), utcTime(now + 365 * 24 * 60 * 60_000)),
      subject,
      publicKey.export({ type: "spki", format: "der" }),
      tlv(0xa3, sequence(...extensions)),
    );
    const signature = sign("sha256", unsigned, this.#key);
    return pem("CERTIFICATE", sequence(unsigned, algorithm, tlv(0x03, [0, ...signature])));
  }
}

/** A P-256 key pair that signs service account tokens, both PEM. */
export function tokenSigningKeys(): { publicKey: string; privateKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey: publicKey.export({ type: "spki", format: "pem" }) as string,
    privateKey: privatePem(privateKey),
  };
}

const oids = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
};

function distinguishedName(commonName: string, organizations: readonly string[]): Uint8Array {
  const attribute = (oid: string, value: string) =>
    tlv(0x31, sequence(objectIdentifier(oid), tlv(0x0c, new TextEncoder().encode(value))));
  return sequence(
    ...organizations.map((organization) => attribute(oids.organization, organization)),
    attribute(oids.commonName, commonName),
  );
}

function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(oid), ...(critical ? [tlv(0x01, [0xff])] : []), tlv(0x04, value));
}

function extendedKeyUsage(oid: string): Uint8Array {
  return extension(oids.extendedKeyUsage, false, sequence(objectIdentifier(oid)));
}

function utcTime(milliseconds: number): Uint8Array {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return tlv(0x17, new TextEncoder().encode(`${digits}Z`));
}

function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number);
  const base128 = (value: number): number[] => {
    const bytes = [value & 0x7f];
    for (let left = value >>> 7; left > 0; left >>>= 7) bytes.unshift(left & 0x7f | 0x80);
    return bytes;
  };
  return tlv(0x06, [first * 40 + second, ...rest.flatMap(base128)]);
}

function sequence(...parts: Uint8Array[]): Uint8Array {
  return tlv(0x30, Buffer.concat(parts));
}

/** Tag, length, value. */
function tlv(tag: number, value: Uint8Array | number[]): Uint8Array {
  const { length } = value;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...size]), Uint8Array.from(value)]);
}

function privatePem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g)!;
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
