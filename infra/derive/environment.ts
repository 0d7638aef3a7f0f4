import { AWS } from '../../shared/clouds/aws/settings.ts';
import { AZURE } from '../../shared/clouds/azure/settings.ts';
import { GCP } from '../../shared/clouds/gcp/settings.ts';
import { LOCAL } from '../../shared/clouds/local/settings.ts';
import { COMMON, type Variables } from '../../shared/settings.ts';

/** The page of all environment variables, from the tables that read them. */
export function environmentPage(): string {
  return [
    '# Environment variables',
    '',
    'Made from the tables that read them (`npm run generate`). An artifact checks all of its own at start and names every one',
    'that is missing or wrong in one message.',
    ...section('Everywhere', COMMON),
    ...section('Local', LOCAL),
    ...section('AWS', AWS),
    ...section('Azure', AZURE),
    ...section('Google Cloud', GCP),
    '',
  ].join('\n');
}

function section(title: string, variables: Variables): string[] {
  const rows = Object.values(variables).map(({ name, about, fallback, expected }) => {
    const without = fallback === undefined ? '**required**' : fallback === '' ? '' : `\`${fallback}\``;
    return `| \`${name}\` | ${about} | ${expected.replaceAll('|', '\\|').replaceAll('<', '&lt;')} | ${without} |`;
  });
  return [
    '',
    `## ${title}`,
    '',
    '| variable | what it is | what is right | without it |',
    '|---|---|---|---|',
    ...rows,
  ];
}
