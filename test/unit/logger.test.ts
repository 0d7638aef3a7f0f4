import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger, type LoggerOptions, type LogLevel } from '../../shared/clouds/logger.ts';
import { PermanentError } from '../../shared/errors.ts';

const ROOT = new URL('../../', import.meta.url);

type Line = Record<string, unknown>;

function open(options: Partial<LoggerOptions> = {}) {
  const texts: string[] = [];
  const log = createLogger({
    service: 'desk',
    cloud: 'local',
    level: 'info',
    write: (line) => texts.push(line),
    ...options,
  });
  return { log, texts, lines: () => texts.map((text) => JSON.parse(text) as Line) };
}

afterEach(() => vi.unstubAllEnvs());

describe('a log line', () => {
  it.each(['aws', 'azure', 'gcp', 'local'] as const)('has the same fields in the same order on %s', (cloud) => {
    const { log, lines } = open({ cloud });
    log.info('Swept', { function: 'operations', sent: 2, late: false });
    const [line] = lines();
    expect(line).toEqual({
      level: 'INFO',
      message: 'Swept',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'desk',
      cloud,
      function: 'operations',
      sent: 2,
      late: false,
    });
    expect(Object.keys(line ?? {}).slice(0, 5)).toEqual(['level', 'message', 'timestamp', 'service', 'cloud']);
  });

  it('is the same in a Lambda environment and under settings meant for Powertools', () => {
    const bare = open();
    bare.log.info('hello', { a: 1 });
    const settings = {
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_REGION: 'eu-central-1',
      _X_AMZN_TRACE_ID: 'Root=1-2-3;Sampled=1',
      TZ: 'America/New_York',
      ENVIRONMENT: 'production',
      POWERTOOLS_SERVICE_NAME: 'other',
      POWERTOOLS_LOGGER_SAMPLE_RATE: '1',
      POWERTOOLS_LOG_LEVEL: 'TRACE',
      POWERTOOLS_DEV: 'true',
    };
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    const set = open();
    set.log.debug('unwanted');
    set.log.info('hello', { a: 1 });
    const timeless = (texts: string[]) => texts.map((text) => text.replace(/"timestamp":"[^"]+Z"/, '"timestamp":""'));
    expect(timeless(set.texts)).toEqual(timeless(bare.texts));
  });

  it('is one line, whatever the values hold', () => {
    const { log, texts } = open();
    log.warn('two\nlines', { a: 'x\r\ny\u2028', b: '"quoted" %s' });
    expect(texts).toHaveLength(1);
    expect(texts[0]).not.toMatch(/[\r\n]/);
  });

  it('leaves undefined fields out, and keeps zero and false', () => {
    const { log, lines } = open();
    log.info('m', { gone: undefined, zero: 0, no: false });
    expect(lines()[0]).toMatchObject({ zero: 0, no: false });
    expect(lines()[0]).not.toHaveProperty('gone');
  });

  it('keeps its own fields against fields of the same name, without a second line about it', () => {
    const { log, lines } = open();
    log.info('m', { level: 'mine', message: 'mine', service: 'mine', cloud: 'mine', timestamp: 'mine' });
    expect(lines()).toMatchObject([
      { level: 'INFO', message: 'm', service: 'desk', cloud: 'local', service_: 'mine', level_: 'mine' },
    ]);
  });
});

describe('levels', () => {
  const order: LogLevel[] = ['debug', 'info', 'warn', 'error'];
  it.each(order)('from %s on are written, those below are not', (level) => {
    const { log, lines } = open({ level });
    for (const each of order) log[each](each);
    const written = order.slice(order.indexOf(level));
    expect(lines().map((line) => [line['level'], line['message']])).toEqual(
      written.map((each) => [each.toUpperCase(), each]),
    );
  });

  it('yield to the level in the logging configuration of a Lambda function', () => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'ERROR');
    const { log, lines } = open({ level: 'debug' });
    log.info('no');
    log.error('yes');
    expect(lines().map(({ message }) => message)).toEqual(['yes']);
  });

  it('go lower when that configuration asks for more', () => {
    vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'DEBUG');
    const { log, lines } = open({ level: 'warn' });
    log.debug('yes');
    expect(lines().map(({ message }) => message)).toEqual(['yes']);
  });

  it('that are off look at nothing', () => {
    const { log } = open({ level: 'warn' });
    const fields = {
      get a(): string {
        throw new Error('looked at');
      },
    };
    expect(() => log.info('m', fields)).not.toThrow();
    expect(() => log.warn('m', fields)).toThrow('looked at');
  });
});

describe('an error in a field', () => {
  const error = new PermanentError('bad_thing', 'It is bad', { cause: new RangeError('inner detail') });

  it('is told by name, message, code and the name of its cause, without a stack', () => {
    const { log, lines } = open();
    log.error('failed', { error, function: 'billing' });
    expect(lines()[0]).toMatchObject({ function: 'billing' });
    expect(lines()[0]?.['error']).toEqual({
      name: 'PermanentError',
      message: 'It is bad',
      code: 'bad_thing',
      cause: 'RangeError',
    });
  });

  it('has its stack at level debug', () => {
    const { log, lines } = open({ level: 'debug' });
    log.error('failed', { error });
    expect(lines()[0]?.['error']).toMatchObject({ stack: expect.stringContaining('logger.test.ts') });
  });

  it('does not let details of the error out', () => {
    const { log, texts } = open({ level: 'debug' });
    const detailed = Object.assign(new Error('m'), {
      password: 'hunter2',
      response: { headers: { authorization: 'hunter2' } },
    });
    log.error('failed', { error: detailed });
    expect(texts.join()).not.toContain('hunter2');
  });

  it('leaves a line that says something even when it says nothing', () => {
    const { log, lines } = open();
    log.error(new Error().message, { error: new Error() });
    expect(lines()[0]).toMatchObject({ message: '(no message)', error: { name: 'Error' } });
  });
});

describe('secrets', () => {
  it.each([
    'key',
    'apiKey',
    'API_KEY',
    'clientSecret',
    'accessToken',
    'token',
    'tokens',
    'password',
    'passwd',
    'Authorization',
    'cookie',
    'credentials',
  ])('in the field %s are replaced', (name) => {
    const { log, lines, texts } = open();
    log.info('m', { [name]: 'hunter2' });
    expect(lines()[0]).toMatchObject({ [name]: '[secret]' });
    expect(texts.join()).not.toContain('hunter2');
  });

  it('in numbers are replaced too; counts and claims stay', () => {
    const { log, lines } = open();
    log.info('m', { password: 12_345, inputTokens: 812, keys: 3, hasToken: true });
    expect(lines()[0]).toMatchObject({ password: '[secret]', inputTokens: 812, keys: 3, hasToken: true });
  });
});

it('writes to standard output, and from warn on to standard error, when no writer is given', () => {
  const script = `
    import { createLogger } from './shared/clouds/logger.ts';
    const log = createLogger({ service: 'desk', cloud: 'gcp', level: 'info' });
    log.debug('d'); log.info('i'); log.warn('w'); log.error('e');`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  const messages = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as Line)['message']);
  expect([messages(stdout), messages(stderr)]).toEqual([['i'], ['w', 'e']]);
});
