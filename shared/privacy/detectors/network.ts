/** IP and MAC addresses, and URLs that carry a password. */
import { before } from '../context.ts';
import type { Add } from '../kinds.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`(?<![\\w.]|\\w[-+])${OCTET}(?:\\.${OCTET}){3}(?![\\w+]|\\.\\d|-[A-Za-z])`, 'g');
const VERSION =
  /(?:\b(?:v|ver|versions?|release[ds]?|build|firmware|revision|rev|upgraded? (?:from|to)|sdk|agent|client|kernel|chapter|section|rfc|oid)[.: #]{0,2}|\bversion is )$/i;
/** Nobody's address: unspecified, loopback, masks and broadcast. */
const NOBODYS = /^(?:0\.|127\.|255\.)/;

const IPV6 =
  /(?<![\w:.])(?:[0-9A-Fa-f]{1,4}|:):(?:[0-9A-Fa-f]{0,4}:){0,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4})?(?![\w:])/g;
const MAC =
  /(?<![\w:.-])(?:[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![\w:-])/g;
const URL_WITH_PASSWORD =
  /(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/[^\s/:@<>"']{0,128}:[^\s/@<>"']{1,256}@[^\s<>"'`,;)\]}]{1,512}/g;

/** RFC 4291: eight groups, or fewer around one `::`; a group of three digits or more, or it may be `Foo::Bar`'s cousin. */
function isIpv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = address.split(':').filter((group) => group !== '');
  const count = groups.length + (address.includes('.') ? 1 : 0);
  if (halves.length === 1 ? count !== 8 : count > 7 || groups.length < 2) return false;
  if (halves.length === 1 && groups.length !== address.split(':').length) return false;
  if (halves.length === 2 && /^:[^:]|[^:]:$/.test(address)) return false;
  return groups.some((group) => group.length >= 3) && /\d/.test(address);
}

export function findNetworkAddresses(text: string, add: Add): void {
  for (const { index, 0: written } of text.matchAll(IPV4)) {
    if (!NOBODYS.test(written) && !VERSION.test(before(text, index, 20))) add('ip', index, index + written.length);
  }
  for (const { index, 0: written } of text.matchAll(IPV6)) {
    if (isIpv6(written)) add('ip', index, index + written.length);
  }
  for (const { index, 0: written } of text.matchAll(MAC)) {
    // Twelve decimal digits in dotted fours are a number, not a card of Cisco's.
    if (/[A-Fa-f:-]/.test(written)) add('mac', index, index + written.length);
  }
  for (const { index, 0: written } of text.matchAll(URL_WITH_PASSWORD)) add('url', index, index + written.length);
}
