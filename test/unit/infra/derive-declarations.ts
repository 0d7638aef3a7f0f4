import * as z from 'zod/mini';
import type { Declaration } from '../../../shared/function.ts';
import { defineFunction, direct, event, http, queue, schedule } from '../../../shared/function.ts';

const Job = z.strictObject({ id: z.string() });

/** Every kind of trigger, in one small function. */
export const everything = defineFunction({
  name: 'every-thing',
  purpose: 'Has a trigger of every kind',
  uses: ['vault', 'objects', 'notifier'],
  sends: ['jobs'],
  emits: ['job.done'],
  on: {
    http: http({
      'GET /api/jobs/{id}': { role: 'viewer', summary: 'A job', output: Job },
      'POST /api/jobs': {
        role: 'operator',
        summary: 'Make a job',
        input: Job,
        output: Job,
        status: 201,
        writes: 'job/{id}',
        creates: 'job',
      },
    }),
    work: queue('jobs', Job, { from: 'outside' }),
    jobDone: event('job.done', Job, { version: 2, upgrade: (data) => data }),
    nightly: schedule('30 2 * * 1-5'),
    count: direct(Job, Job),
  },
  limits: { memoryMb: 256, timeoutSeconds: 40, concurrency: 1 },
});

/** Sends and emits nothing, uses nothing. */
export const quiet = defineFunction({
  name: 'quiet',
  purpose: 'Reads a queue and keeps to itself',
  on: { heard: queue('rumours', Job) },
});

/** May send whatever was left behind, wherever it was to go. */
export const sweeper = defineFunction({
  name: 'sweeper',
  purpose: 'Sends what was left behind',
  uses: ['desk'],
  on: { sweep: schedule('* * * * *', 'app') },
});

/** A function of one queue trigger, with whatever the test is about. */
export const functionOf = (changes: Partial<Declaration>): Declaration => ({
  ...defineFunction({ name: 'sample', purpose: 'A sample', on: { work: queue('samples', Job) } }),
  ...changes,
});

export { Job };
