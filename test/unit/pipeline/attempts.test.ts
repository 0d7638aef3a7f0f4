import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { AppError } from '../../../shared/errors.ts';
import { type Deployed, defineFunction, event } from '../../../shared/function.ts';
import { handleMessage } from '../../../shared/pipeline/message.ts';
import { type Bench, envelope, openBench } from '../../conformance/driver.ts';

const failing = (name: string): Deployed => ({
  declaration: defineFunction({
    name,
    purpose: 'Fails whatever it is told',
    on: { told: event('something.happened', z.object({})) },
  }),
  handlers: {
    told: async () => {
      throw new AppError('not_now', 'Not now', { retryable: true });
    },
  },
});

describe('deliveries that the cloud does not count', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = openBench('gcp', { TRIFOLD_MAX_ATTEMPTS: '3' });
  });
  afterAll(() => bench.remove());

  const told = () => JSON.stringify(envelope('something.happened.v1', {}));
  const deliver = (deployed: Deployed, body: string) =>
    handleMessage(bench.runtime, deployed, 'told', { body, nativeId: 'n' });

  it('are counted in the store until the message becomes a dead letter', async () => {
    const [deployed, body] = [failing('first'), told()];
    const verdicts = [];
    for (let i = 0; i < 3; i++) verdicts.push(await deliver(deployed, body));
    expect(verdicts).toEqual(['again', 'again', 'done']);
  });

  it('begin anew when the dead letter is replayed', async () => {
    const [deployed, body] = [failing('second'), told()];
    const verdicts = [];
    for (let i = 0; i < 6; i++) verdicts.push(await deliver(deployed, body));
    expect(verdicts).toEqual(['again', 'again', 'done', 'again', 'again', 'done']);
  });

  it('are counted for each function that an event goes to', async () => {
    const body = told();
    const verdicts = [];
    for (const name of ['third', 'fourth', 'third', 'fourth', 'third', 'fourth'])
      verdicts.push(await deliver(failing(name), body));
    expect(verdicts).toEqual(['again', 'again', 'again', 'again', 'done', 'done']);
  });
});
