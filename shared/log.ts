/** Structured logging: one JSON object a line, the same fields on every cloud (see `shared/clouds/logger.ts`). */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
/** Never bodies, secrets or personal data: ids, counts, codes, durations. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined | Error>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
