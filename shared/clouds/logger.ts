import { LogFormatter, Logger, LogItem, LogLevelThreshold } from '@aws-lambda-powertools/logger';
import type { UnformattedAttributes } from '@aws-lambda-powertools/logger/types';
import type { Log, LogFields } from '../log.ts';
import type { Runtime } from '../runtime.ts';

export type LogLevel = keyof Log;

export interface LoggerOptions {
  /** The name of the app or function. */
  readonly service: string;
  readonly cloud: Runtime['cloud'];
  /** Lines below it are not written. On Lambda, the level set in the function's logging configuration goes first. */
  readonly level: LogLevel;
  /** Takes each line, without its line break, in place of standard output and (from `warn` on) standard error. */
  readonly write?: (line: string) => void;
}

type Attributes = Record<string, unknown>;

/** These are the logger's own; a field of that name keeps its value under the name with `_` behind it. */
const OWN = new Set(['level', 'message', 'timestamp', 'service', 'cloud', 'sampling_rate']);

const SECRET = /key|secret|token|passw|passphrase|authorization|credential|cookie/i;
const REPLACED = '[secret]';

/**
 * Powertools' logger with one set of fields on every cloud: `level`, `message`, `timestamp` (UTC), `service`,
 * `cloud`, then the caller's. Errors become `{ name, message, code, cause }`, with `stack` at level `debug` only.
 * A string or number in a field whose name looks like a secret's is replaced; plural counts such as `inputTokens: 12` stay.
 */
export function createLogger(options: LoggerOptions): Log {
  const powertools = createPowertools(options);
  // Lambda's own setting may differ from ours; Powertools has already weighed the two.
  const level = powertools.level;
  const withStack = level <= LogLevelThreshold.DEBUG;
  // Powertools takes half a microsecond to find out that a line is not wanted; an empty function takes nothing.
  const line = (name: LogLevel, threshold: number): Log[LogLevel] =>
    threshold < level
      ? () => {}
      : (message, fields) => powertools[name](message || '(no message)', fields ? toAttributes(fields, withStack) : {});
  return {
    debug: line('debug', LogLevelThreshold.DEBUG),
    info: line('info', LogLevelThreshold.INFO),
    warn: line('warn', LogLevelThreshold.WARN),
    error: line('error', LogLevelThreshold.ERROR),
  };
}

function createPowertools({ service, cloud, level, write }: LoggerOptions): Logger {
  // Powertools' own formatter follows TZ, adds Lambda's fields where there are any, and an empty sampling rate.
  class SameFormatter extends LogFormatter {
    override formatAttributes(own: UnformattedAttributes, fields: Attributes): LogItem {
      const timestamp = own.timestamp.toISOString();
      return new LogItem({
        attributes: { level: own.logLevel, message: own.message, timestamp, service, cloud, ...fields },
      });
    }
  }
  class LineLogger extends Logger {
    protected override printLog(threshold: number, item: LogItem): void {
      if (write) {
        item.prepareForPrint();
        write(JSON.stringify(item.getAttributes(), this.getJsonReplacer()));
      } else super.printLog(threshold, item);
    }
  }
  // A sampling rate from the environment would turn every line on at random, at a level that nobody asked for.
  return new LineLogger({
    serviceName: service,
    logLevel: level,
    sampleRateValue: 0,
    logFormatter: new SameFormatter(),
  });
}

function toAttributes(fields: LogFields, withStack: boolean): Attributes {
  const attributes: Attributes = {};
  for (const name in fields) {
    const value = fields[name];
    const shown = value instanceof Error ? toErrorFields(value, withStack) : isSecret(name, value) ? REPLACED : value;
    attributes[OWN.has(name) ? `${name}_` : name] = shown;
  }
  return attributes;
}

function isSecret(name: string, value: LogFields[string]): boolean {
  if (value === undefined || typeof value === 'boolean' || !SECRET.test(name)) return false;
  return typeof value === 'string' || !/(tokens|keys)$/i.test(name);
}

function toErrorFields(error: Error, withStack: boolean): Attributes {
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause instanceof Error ? error.cause.name : undefined;
  return { name: error.name, message: error.message, code, cause, stack: withStack ? error.stack : undefined };
}
