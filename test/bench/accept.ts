import { setTimeout as pause } from 'node:timers/promises';
import { startLoadedDesk } from './load.ts';
import { atMost, type Measure, median, quantile } from './measure.ts';

const PER_SECOND = 100;
const SECONDS = 10;

/**
 * Answer to POST while 100 tickets a second come in and are worked on. An open loop: each request leaves at its instant
 * whatever became of the others, and its time counts from that instant.
 */
export const acceptMeasure: Measure = {
  names: ['desk.accept.p95'],
  async run() {
    const desk = await startLoadedDesk();
    try {
      const started = performance.now();
      const answers: Promise<number>[] = [];
      for (let n = 0; n < PER_SECOND * SECONDS; n++) {
        const due = started + (n * 1000) / PER_SECOND;
        const early = due - performance.now();
        if (early > 0) await pause(early);
        answers.push(desk.post(n).then(() => performance.now() - due));
      }
      const times = await Promise.all(answers);
      const note = `median ${median(times).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms of ${times.length}`;
      return [atMost(50, { name: 'desk.accept.p95', value: quantile(times, 0.95), unit: 'ms', note })];
    } finally {
      await desk.stop();
    }
  },
};
