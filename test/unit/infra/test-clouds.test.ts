import { expect, it } from 'vitest';
import { toSummary } from '../../../infra/test-clouds/summary.ts';

const results = (title: string, ...statuses: string[]) =>
  statuses.map((status) => ({ ancestorTitles: [title, 'some part'], title: 'keeps it', status }));
const file = (name: string, ...assertionResults: ReturnType<typeof results>[]) => ({
  name: `/root/test/clouds/${name}`,
  status: 'passed',
  message: '',
  assertionResults: assertionResults.flat(),
});

it('sums up the contracts of a port on an adapter, and names what was skipped or did not run', () => {
  const report = {
    testResults: [
      file(
        'aws-store.test.ts',
        results('store contract: DynamoDB (moto)', 'passed', 'passed'),
        results('store under faults: DynamoDB (moto)', 'passed', 'failed'),
        results('something else', 'passed', 'skipped'),
      ),
      file('gcp-bus.test.ts', results('bus contract: Pub/Sub (skipped: there is no java)', 'skipped', 'pending')),
      file('e2e/aws.test.ts', results('end to end: Lambda', 'passed')),
      { ...file('azure-bus.test.ts'), status: 'failed', message: 'azurite is missing\n    at somewhere' },
    ],
  };
  expect(toSummary(report, '/root')).toEqual([
    'port        adapter                        passed  skipped  failed',
    'bus         Pub/Sub                             0        2       0',
    'store       DynamoDB (moto)                     3        0       1',
    'end to end  Lambda                              1        0       0',
    'other       test/clouds/aws-store.test.ts       1        1       0',
    'all                                             5        3       1',
    'skipped 1: keeps it',
    'skipped 2: there is no java',
    'did not run: test/clouds/azure-bus.test.ts: azurite is missing',
  ]);
});
