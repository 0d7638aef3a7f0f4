import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AWS } from '../../../shared/clouds/aws/settings.ts';
import { AZURE } from '../../../shared/clouds/azure/settings.ts';
import { GCP } from '../../../shared/clouds/gcp/settings.ts';
import { COMMON, type Variables } from '../../../shared/settings.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const textOf = (...patterns: string[]): string =>
  patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n');

/** Names that stand where a value is given: `NAME:`, `"NAME":` or `NAME =`. */
const given = (text: string): string[] => [
  ...new Set([...text.matchAll(/\b(TRIFOLD_\w+|GOOGLE_CLOUD_PROJECT)"?\s*[:=]/g)].map(([, name = '']) => name)),
];
const namesOf = (variables: Variables): string[] => Object.values(variables).map(({ name }) => name);
/** Keys are for development: in the cloud the app's own identity speaks. */
const isKey = (name: string): boolean => name.endsWith('_KEY');

describe.each<[string, Variables, string]>([
  ['AWS', AWS, textOf('serverless.yml', 'infra/generated/aws.json')],
  ['Azure', AZURE, textOf('infra/azure/*.tf')],
  ['Google Cloud', GCP, textOf('infra/gcp/*.tf')],
])('the environment of functions on %s', (_, variables, text) => {
  it('has every variable that the adapters read, but no keys', () => {
    const wanted = namesOf(variables).filter((name) => !isKey(name));
    expect(given(text)).toEqual(expect.arrayContaining(wanted));
    expect(given(text).filter(isKey)).toEqual([]);
  });

  it('has no variable that nobody reads', () => {
    const known = [...namesOf(COMMON), ...namesOf(variables)];
    expect(given(text).filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('large messages', () => {
  it('are removed by the bucket on every cloud, after the desk has forgotten its dead letters', () => {
    expect(textOf('infra/aws/storage.yml')).toMatch(/Prefix: claim-checks\/\s+ExpirationInDays: 120/);
    for (const cloud of ['azure', 'gcp'])
      expect(textOf(`infra/${cloud}/state.tf`)).toMatch(
        /module\.plan\.claim_checks[\s\S]+120|120[\s\S]+module\.plan\.claim_checks/,
      );
  });
});
