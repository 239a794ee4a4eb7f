import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT, NETWORK } from '../../support/call';
import { describeOnKernel, PLUGIN } from '../support/requires';

/** A log line that becomes a command if a shell reads the file. */
const WORDS = '$(id)';
const OTHER_USER = 65534;

/** A rejected ADD logs what it rejects: no attachment has to succeed. */
function add(logFile: string) {
  const input = JSON.stringify({ ...NETWORK, mac: WORDS, log_file: logFile });
  const env = { PATH: process.env.PATH, ...ENVIRONMENT, CNI_COMMAND: 'ADD', CNI_NETNS: '/does/not/exist' };
  const { status, stdout, stderr } = spawnSync(PLUGIN, { env, input, encoding: 'utf8', timeout: 10_000 });
  return { status, code: JSON.parse(stdout).code, stderr };
}

const messages = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).message as string);

describeOnKernel('the log file that a network configuration names', ['mkfifo'], () => {
  let folder: string;
  let elsewhere: string;
  let okd: string;
  beforeEach(() => {
    folder = mkdtempSync('/var/log/egress-router-');
    elsewhere = mkdtempSync(join(tmpdir(), 'log-file-'));
    okd = `/tmp/egress-router-log-${process.pid}`;
  });
  afterEach(() => {
    for (const path of [folder, `${folder}-link`, elsewhere, okd]) rmSync(path, { recursive: true, force: true });
  });

  const rejected = expect.stringContaining(`mac: "${WORDS}" is not a MAC address`);

  test.each([
    ['in a folder of its own', () => join(folder, 'router.log')],
    ['where OKD writes it', () => okd],
  ])('a file %s is created for root alone, and appended to', (_what, path) => {
    for (const wanted of [[rejected], [rejected, rejected]]) {
      expect(add(path())).toEqual({ status: 1, code: 7, stderr: '' });
      expect(messages(readFileSync(path(), 'utf8'))).toEqual(wanted);
    }
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('the hundredth file of a folder is created, and files of other users are not counted', () => {
    for (let index = 1; index <= 99; index++) writeFileSync(join(folder, `${index}.log`), '');
    for (const name of ['a', 'b']) {
      writeFileSync(join(folder, name), '');
      chownSync(join(folder, name), OTHER_USER, OTHER_USER);
    }
    expect(add(join(folder, '100.log')).stderr).toBe('');
    expect(add(join(folder, '1.log')).stderr).toBe('');
  });

  test.each([
    ['directly in /var/log', () => `${folder}.log`],
    ["as OKD's operator renders it", () => '/tmp/egress-router-log'],
  ])('a file %s is a log', (_what, path) => {
    const existed = existsSync(path());
    expect(add(path()).stderr).toBe('');
    if (!existed) rmSync(path());
  });

  test("OKD's own lines in its file stay, and ours follow", () => {
    writeFileSync(okd, '2026-01-01T00:00:00Z [verbose] ADD\n');
    expect(add(okd)).toEqual({ status: 1, code: 7, stderr: '' });
    expect(readFileSync(okd, 'utf8')).toMatch(/^2026-01-01T00:00:00Z \[verbose\] ADD\n\{"time":/);
  });

  /** Files that are not logs: what is made first, and why the file is not used. */
  const REFUSED: readonly (readonly [string, () => string, string])[] = [
    [
      'elsewhere',
      () => join(elsewhere, 'profile.sh'),
      'is not a log; accepted: /var/log/egress-router*, a file in such a folder, or /tmp/egress-router-log*',
    ],
    ['that kubelet and collectors read', () => '/var/log/pods/er_billing-0_1/app/1.log', 'is not a log'],
    ['that collectors find by its name', () => '/var/log/containers/er_billing_app-0.log', 'is not a log'],
    ["of the node's logins", () => '/var/log/er-btmp', 'is not a log'],
    ['in a folder of auditd', () => '/var/log/audit/egress-router.log', 'is not a log'],
    ['in a folder of a folder', () => join(folder, 'a/b'), 'is not a log'],
    ['in another folder of /tmp', () => `${okd}/x`, 'is not a log'],
    ['behind ..', () => `${folder}/../../../${elsewhere}/x`, 'is not a log'],
    ['with an empty part', () => `${folder}//x`, 'is not a log'],
    ['behind .', () => `${folder}/.`, 'is not a log'],
    ['that is a folder', () => folder, 'is not a regular file'],
    ['in a folder that is missing', () => `${folder}-none/x`, '-none does not exist; logging'],
    [
      'that is one of too many',
      () => {
        for (let index = 1; index <= 100; index++) writeFileSync(join(folder, `${index}.log`), '');
        return join(folder, '101.log');
      },
      'would be one more than 100 logs in its folder: remove some, or name one of them',
    ],
    [
      'that is a link',
      () => {
        symlinkSync(join(elsewhere, 'x'), join(folder, 'link'));
        return join(folder, 'link');
      },
      'is a symbolic link',
    ],
    [
      'behind a link to a folder',
      () => {
        symlinkSync(elsewhere, `${folder}-link`);
        return `${folder}-link/x`;
      },
      'is not a folder, or is a symbolic link',
    ],
    [
      'with a second name',
      () => {
        writeFileSync(join(folder, 'x'), '');
        linkSync(join(folder, 'x'), join(folder, 'link'));
        return join(folder, 'link');
      },
      'has another name: a hard link',
    ],
    [
      "that is another program's log",
      () => {
        writeFileSync(join(folder, 'auth.log'), 'Jan 1 sshd: accepted\n');
        return join(folder, 'auth.log');
      },
      "is another program's: it does not begin with",
    ],
    [
      'of another user',
      () => {
        writeFileSync(okd, '');
        chownSync(okd, OTHER_USER, OTHER_USER);
        return okd;
      },
      'to user 65534, not to root',
    ],
    [
      "in another user's folder",
      () => {
        chownSync(folder, OTHER_USER, OTHER_USER);
        return join(folder, 'x');
      },
      'which belongs to user 65534, not to root',
    ],
    [
      'in a folder that every user may write to',
      () => {
        chmodSync(folder, 0o777);
        return join(folder, 'x');
      },
      'which every user may write to',
    ],
    [
      'that is too large',
      () => {
        writeFileSync(join(folder, 'x'), '{"time":"');
        truncateSync(join(folder, 'x'), 64 * 1024 * 1024 + 1);
        return join(folder, 'x');
      },
      'has 67108865 bytes; accepted: 67108864: rotate it',
    ],
    [
      'that is a named pipe without a reader',
      () => {
        spawnSync('mkfifo', [join(folder, 'pipe')]);
        return join(folder, 'pipe');
      },
      'is not a regular file',
    ],
    [
      'that is a device',
      () => {
        spawnSync('mknod', [join(folder, 'null'), 'c', '1', '3']);
        return join(folder, 'null');
      },
      'is not a regular file',
    ],
  ];

  test.each(REFUSED)('a file %s is not touched, and standard error says why', (_what, make, reason) => {
    const path = make();
    const content = () => (existsSync(path) ? `${statSync(path).size} ${statSync(path).mtimeMs}` : 'missing');
    const before = content();
    const { stderr, ...answer } = add(path);
    expect(answer).toEqual({ status: 1, code: 7 });
    expect(messages(stderr)).toEqual([expect.stringContaining(reason), rejected]);
    expect(messages(stderr)[0]).toMatch(/^log_file \/.*; logging to standard error$/);
    expect(content()).toBe(before);
  });

  test('terminal commands of the configuration reach a log and the runtime as text', () => {
    const hostile = '\u001b]0;x\u0007\u009b2J\u202e\u2028';
    const input = JSON.stringify({ ...NETWORK, name: hostile, mac: hostile.repeat(1000), [hostile]: 1 });
    const env = { PATH: process.env.PATH, ...ENVIRONMENT, CNI_COMMAND: 'ADD', CNI_CONTAINERID: hostile };
    const { stdout, stderr } = spawnSync(PLUGIN, { env, input, encoding: 'utf8' });
    for (const text of [stdout, stderr]) {
      expect(text).not.toMatch(/[^\P{C}\n]/u);
      expect(text.length).toBeLessThan(3000);
    }
    expect(JSON.parse(stdout)).toMatchObject({ code: 4 });
  });

  test('standard input that is not JSON is quoted in part', () => {
    const env = { PATH: process.env.PATH, ...ENVIRONMENT, CNI_COMMAND: 'ADD' };
    const { stdout, stderr } = spawnSync(PLUGIN, { env, input: 'x'.repeat(1_000_000), encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject({ code: 6 });
    for (const text of [stdout, stderr]) expect(text.length).toBeLessThan(1000);
  });
});
