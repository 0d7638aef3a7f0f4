/**
 * Schedules are declared once, as a 5-field cron expression in UTC. This is the front door: parse it, ask when it fires
 * next (the local host does), and say it in the dialect of each cloud (derive.ts does).
 */

export { nextAfter } from '../shared/cron/next.ts';
export { type Cron, CronError, type Days, parseCron } from '../shared/cron/parse.ts';
export { type Derived, toCloudScheduler, toEventBridge, toNcrontab } from './cron/dialects.ts';
