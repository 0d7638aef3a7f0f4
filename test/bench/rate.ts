import { MIX_SIZE, startLoadedDesk } from './load.ts';
import { atLeast, type Measure } from './measure.ts';

/** How often the mix goes through. */
const TIMES = 20;
/** Requests under way at once. */
const WIDTH = 32;

/** Tickets a second from HTTP to their end, and the share of them that no human has to answer. */
export const rateMeasure: Measure = {
  names: ['desk.tickets.rate', 'desk.answered.share'],
  async run() {
    const desk = await startLoadedDesk();
    try {
      const tickets = TIMES * MIX_SIZE;
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < tickets) await desk.post(next++);
      };
      const cpu = desk.cpuMs();
      const started = performance.now();
      await Promise.all(Array.from({ length: WIDTH }, worker));
      const posted = performance.now();
      await desk.untilEnded(tickets);
      const seconds = (performance.now() - started) / 1000;
      const used = (desk.cpuMs() ?? Number.NaN) - (cpu ?? Number.NaN);
      const { closed, all } = await desk.ended();
      const perTicket = Number.isNaN(used) ? '' : `, ${(used / all).toFixed(2)} ms of the desk's CPU a ticket`;
      const note = `${all} tickets in ${seconds.toFixed(1)} s, all accepted after ${((posted - started) / 1000).toFixed(1)} s${perTicket}`;
      return [
        atLeast(300, { name: 'desk.tickets.rate', value: all / seconds, unit: 'tickets/s', note }),
        atLeast(0.6, { name: 'desk.answered.share', value: closed / all, unit: 'ratio' }),
      ];
    } finally {
      await desk.stop();
    }
  },
};
