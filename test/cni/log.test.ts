import { execFileSync } from 'node:child_process';
import fs, { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '../../cni/log';
import { logOptions } from '../../cni/protocol/invocation';
import { LOG_LEVELS, type LogLevel } from '../../src/domain/router/router-options';

const SUBJECT = { command: 'ADD', containerId: 'c0ffee', network: 'db' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function sayAll(file: string, level: LogLevel): void {
  const log = new Log(SUBJECT, { file, level });
  log.panic('p');
  log.error('e');
  log.verbose('v');
  log.debug('d');
}

const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n');

test.each(LOG_LEVELS.map((level, index) => [level, LOG_LEVELS.slice(0, index + 1)] as const))(
  'level %s writes %s',
  (level, wanted) => {
    const file = join(folder, 'log');
    sayAll(file, level);
    expect(linesOf(file).map((line) => JSON.parse(line).level)).toEqual(wanted);
  },
);

test('a line says when, who and what; lines of several runs follow each other in a file for root alone', () => {
  const file = join(folder, 'log');
  for (const message of ['first', 'second\nline']) new Log(SUBJECT, { file, level: 'error' }).error(message);
  const [first, second] = linesOf(file).map((line) => JSON.parse(line));
  expect(first).toEqual({ time: expect.stringMatching(/^20\d\d-.*Z$/), level: 'error', ...SUBJECT, message: 'first' });
  expect(second.message).toBe('second\nline');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a run with nothing to say does not make the file', () => {
  new Log(SUBJECT, { file: join(folder, 'log'), level: 'error' }).debug('x');
  expect(fs.existsSync(join(folder, 'log'))).toBe(false);
});

test('a named pipe without a reader does not block the run', () => {
  const file = join(folder, 'pipe');
  execFileSync('mkfifo', [file]);
  const stderr = jest.spyOn(fs, 'writeSync').mockReturnValue(0);
  new Log(SUBJECT, { file, level: 'error' }).error('x');
  expect(stderr.mock.calls.map(([fd]) => fd)).toEqual([2, 2]);
  stderr.mockRestore();
});

test('a file that cannot be opened does not fail the run: the lines go to standard error', () => {
  const file = join(folder, 'missing', 'log');
  const write = jest.spyOn(fs, 'writeSync').mockReturnValue(0);
  sayAll(file, 'error');
  const written = write.mock.calls.map(([fd, text]) => [fd, text]);
  write.mockRestore();
  expect(written).toEqual([
    [2, expect.stringContaining(`log_file ${file}: ENOENT`)],
    [2, expect.stringContaining('"message":"p"')],
    [2, expect.stringContaining('"message":"e"')],
  ]);
});

test('nor is a disk that is full', () => {
  const write = jest.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw new Error('ENOSPC');
  });
  expect(() => sayAll(join(folder, 'log'), 'debug')).not.toThrow();
  write.mockRestore();
});

test.each([
  [
    { log_file: '/x', log_level: 'Debug' },
    { file: '/x', level: 'debug' },
  ],
  [{ log_file: 7, log_level: 'loud', ip: 'x' }, { level: 'verbose' }],
  [undefined, { level: 'verbose' }],
  ['text', { level: 'verbose' }],
])('the log options are found in %j', (input, wanted) => expect(logOptions(input)).toEqual(wanted));
