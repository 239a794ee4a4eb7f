import fs, { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '../../../cni/log/log';
import { logOptions } from '../../../cni/protocol/invocation';
import { LOG_LEVELS, type LogLevel } from '../../../src/domain/router/router-options';

const SUBJECT = { command: 'ADD', containerId: 'c0ffee', network: 'db' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Which files are logs is a test of the executable, as root (test/kernel/security). */
const append = (file: string) => openSync(file, 'a');

function sayAll(file: string, level: LogLevel): void {
  const log = new Log(SUBJECT, { file, level }, append);
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

test('a line says when, who and what; lines of several runs follow each other', () => {
  const file = join(folder, 'log');
  for (const message of ['first', 'second\nline']) new Log(SUBJECT, { file, level: 'error' }, append).error(message);
  const [first, second] = linesOf(file).map((line) => JSON.parse(line));
  expect(first).toEqual({ time: expect.stringMatching(/^20\d\d-.*Z$/), level: 'error', ...SUBJECT, message: 'first' });
  expect(second.message).toBe('second\nline');
});

test('a run with nothing to say does not make the file', () => {
  new Log(SUBJECT, { file: join(folder, 'log'), level: 'error' }, append).debug('x');
  expect(fs.existsSync(join(folder, 'log'))).toBe(false);
});

test('a file that is not used does not fail the run: the lines go to standard error, with the reason', () => {
  const write = jest.spyOn(fs, 'writeSync').mockReturnValue(0);
  sayAll('/missing/profile.sh', 'error');
  const written = write.mock.calls.map(([fd, text]) => [fd, JSON.parse(String(text)).message]);
  write.mockRestore();
  expect(written).toEqual([
    [2, expect.stringMatching(/^log_file \/missing\/profile\.sh .*ENOENT.*; logging to standard error$/)],
    [2, 'p'],
    [2, 'e'],
  ]);
});

test('texts of an input are bounded, and printable', () => {
  const file = join(folder, 'log');
  const hostile = '\u001b]0;x\u0007\u009b\u202e\u2028\n'.repeat(10_000);
  new Log({ command: hostile, network: hostile }, { file, level: 'error' }, append).error(hostile);
  const line = readFileSync(file, 'utf8');
  expect(line).toMatch(/^\P{C}*\n$/u);
  expect(line.length).toBeLessThan(100_000);
  expect(JSON.parse(line).network).toMatch(/^\\u001b\]0;x.*…$/);
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
