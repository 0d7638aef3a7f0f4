import type { Add } from '../kinds.ts';

const LOCAL = /[\p{L}\p{N}._%+'&=~$-]/u;
const DOMAIN =
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|[\p{L}]{2,24})(?![\p{L}\p{N}])/u;

/**
 * From each `@` outwards: a local part of at most 64 characters, and a domain with a top level of letters, which
 * leaves out `react@19.2.0` and `user@host`.
 */
export function findEmails(text: string, add: Add): void {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < 64 && LOCAL.test(text[start - 1] ?? '')) start--;
    while (start < at && /[.'&=~$-]/.test(text[start] ?? '')) start++;
    // Of `?email=jane@example.com` the name of the parameter is no part.
    start += text.slice(start, at).lastIndexOf('=') + 1;
    const domain = DOMAIN.exec(text.slice(at + 1, at + 256))?.[0];
    if (!domain || start === at) continue;
    // `git@github.com:owner/name` names a repository.
    if (text.slice(start, at) === 'git' && text[at + 1 + domain.length] === ':') continue;
    add('email', start, at + 1 + domain.length);
  }
}
