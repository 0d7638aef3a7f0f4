import { hmac } from './shared-key.ts';
import { textOf } from './xml.ts';

/** Links of this version; the text that is signed differs between versions. */
const SAS_VERSION = '2021-12-02';

export interface LinkOptions {
  readonly account: string;
  readonly container: string;
  readonly blob: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** Over HTTPS alone. */
  readonly secure: boolean;
  readonly contentDisposition?: string | undefined;
}

/** A key that Entra vouches for: links signed with it end with it, and can be revoked with it. */
export interface DelegationKey {
  readonly objectId: string;
  readonly tenantId: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly service: string;
  readonly version: string;
  readonly value: string;
}

/** Seconds, as the text to sign has them. */
export const toSasTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** The question part of a link that reads one blob, signed with an account key (a service SAS). */
export function toServiceSas(options: LinkOptions, key: string): URLSearchParams {
  const values = valuesOf(options);
  const text = toSign('r', 1, values.se, values.resource, 2, values.spr, SAS_VERSION, 'b', 3, values.rscd, 3);
  return toParameters(values, hmac(key, text), {});
}

/**
 * The same, signed with a user delegation key
 * (https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas#version-2020-12-06-and-later).
 */
export function toDelegationSas(options: LinkOptions, key: DelegationKey): URLSearchParams {
  const values = valuesOf(options);
  const signer = [key.objectId, key.tenantId, key.startsAt, key.endsAt, key.service, key.version];
  const head = toSign('r', 1, values.se, values.resource, ...signer, 4);
  const text = toSign(head, values.spr, SAS_VERSION, 'b', 3, values.rscd, 3);
  const [skoid = '', sktid = '', skt = '', ske = '', sks = '', skv = ''] = signer;
  return toParameters(values, hmac(key.value, text), { skoid, sktid, skt, ske, sks, skv });
}

/** One field a line; a number stands for so many fields of which we have none (start, addresses, snapshot and others). */
const toSign = (...fields: readonly (string | number)[]): string =>
  fields.flatMap((field) => (typeof field === 'number' ? Array<string>(field).fill('') : [field])).join('\n');

const valuesOf = ({ account, container, blob, expiresAt, secure, contentDisposition }: LinkOptions) => ({
  se: toSasTime(expiresAt),
  spr: secure ? 'https' : '',
  rscd: contentDisposition ?? '',
  resource: `/blob/${account}/${container}/${blob}`,
});

function toParameters(
  { se, spr, rscd }: { se: string; spr: string; rscd: string },
  sig: string,
  signer: Readonly<Record<string, string>>,
): URLSearchParams {
  const all = { sv: SAS_VERSION, sr: 'b', sp: 'r', se, spr, rscd, ...signer, sig };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ''));
}

/** Reads the answer to "Get User Delegation Key". */
export function toDelegationKey(xml: string): DelegationKey {
  const read = (name: string): string => textOf(xml, name) ?? '';
  return {
    objectId: read('SignedOid'),
    tenantId: read('SignedTid'),
    startsAt: read('SignedStart'),
    endsAt: read('SignedExpiry'),
    service: read('SignedService'),
    version: read('SignedVersion'),
    value: read('Value'),
  };
}
