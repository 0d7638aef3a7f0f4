import { relative } from 'node:path';

/** What is read of vitest's JSON report: https://vitest.dev/guide/reporters.html#json-reporter */
export interface Report {
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

interface Row {
  readonly port: string;
  readonly adapter: string;
  passed: number;
  skipped: number;
  failed: number;
}

/** How the contract suites are called (`test/contracts/*.ts`), and what else belongs to one adapter. */
const PORT = /^(\w+) (?:contract|under faults): (.+)$/;
const WHOLE = /^(end to end|built artifacts)(?:: | on )(.+)$/;
const SKIPPED = / \(skipped: (.+)\)$/;

/** A table of port, adapter and results; below it what was skipped for which reason, and which files did not even begin. */
export function toSummary({ testResults }: Report, root: string): string[] {
  const rows = new Map<string, Row>();
  const reasons = new Map<string, number>();
  const broken: string[] = [];
  for (const { name, status, message, assertionResults } of testResults) {
    const file = relative(root, name);
    if (status === 'failed' && !assertionResults.some((one) => one.status === 'failed'))
      broken.push(`${file}: ${message.split('\n', 1)[0]}`);
    for (const { ancestorTitles, title: test, status: outcome } of assertionResults) {
      const title = ancestorTitles[0] ?? '';
      const row = rowOf(rows, title.replace(SKIPPED, ''), file);
      if (outcome === 'passed') row.passed++;
      else if (outcome === 'failed') row.failed++;
      else row.skipped++;
      // A behaviour that an adapter's cloud does not know is skipped by itself, under the name of the behaviour.
      const reason = SKIPPED.exec(title)?.[1] ?? (outcome === 'passed' || outcome === 'failed' ? undefined : test);
      if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  const sorted = [...rows.values()].toSorted((a, b) =>
    a.port === b.port ? compare(a.adapter, b.adapter) : compare(rank(a), rank(b)),
  );
  return [
    ...table(sorted),
    ...[...reasons].map(([reason, tests]) => `skipped ${tests}: ${reason}`),
    ...broken.map((what) => `did not run: ${what}`),
  ];
}

function rowOf(rows: Map<string, Row>, title: string, file: string): Row {
  const [, port, adapter] = PORT.exec(title) ?? WHOLE.exec(title) ?? [];
  const place = { port: port ?? 'other', adapter: adapter ?? file };
  const key = `${place.port} ${place.adapter}`;
  const row = rows.get(key) ?? { ...place, passed: 0, skipped: 0, failed: 0 };
  rows.set(key, row);
  return row;
}

/** Ports first, then what stands on all of them, then the rest. */
const rank = ({ port }: Row): string =>
  `${port === 'other' ? 3 : port === 'end to end' ? 2 : port === 'built artifacts' ? 1 : 0}${port}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function table(rows: readonly Row[]): string[] {
  const sum = (name: 'passed' | 'skipped' | 'failed') => String(rows.reduce((total, row) => total + row[name], 0));
  const cells = [
    ['port', 'adapter', 'passed', 'skipped', 'failed'],
    ...rows.map((row) => [row.port, row.adapter, `${row.passed}`, `${row.skipped}`, `${row.failed}`]),
    ['all', '', sum('passed'), sum('skipped'), sum('failed')],
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}
