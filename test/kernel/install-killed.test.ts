import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lab } from './lab/lab';
import { NodeRoot } from './support/node-root';
import { describeOnKernel, PLUGIN } from './support/requires';

/** One system call of a run: the so-many-th of its name in one thread. */
interface CallPoint {
  readonly name: string;
  readonly ordinal: number;
}

/**
 * The calls by which the installer meets the world. It copies 100 MiB in parts: to be killed between two of them is to
 * be killed at any, so that of many like calls a few are enough.
 */
const NAMES = [
  'flock',
  'openat',
  'write',
  'fchmod',
  'fsync',
  'unlink',
  'unlinkat',
  'rename',
  'chroot',
  'fchdir',
  'execve',
  'exit_group',
];
const OF_EACH = 4;

describeOnKernel('an installer that is killed', ['ip', 'strace'], () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'egress-router-killed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('at any system call leaves the old or the new executable, and the next one ends well', () => {
    using lab = new Lab();
    using node = new NodeRoot();
    const directory = node.at(node.plugins);
    const file = join(directory, 'egress-router');
    const [program, old, trace] = ['program', 'old', 'trace'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    // A copy, because another build may run during this long test.
    copyFileSync(PLUGIN, program);
    const newContent = readFileSync(program);
    const oldContent = Buffer.concat([newContent, Buffer.from('\n')]);
    writeFileSync(old, oldContent, { mode: 0o755 });
    const install = (...wrapper: string[]) => {
      const setup = ['unshare', '--mount', 'sh', '-ec', SETUP, 'sh', node.path, node.plugins];
      return lab.node.namespace.try([...setup, ...wrapper, program, 'install', '--node-root=/mnt']);
    };
    const putOld = () => {
      rmSync(file, { force: true });
      copyFileSync(old, file);
    };
    putOld();
    expect(install('strace', '-f', '-qq', '-o', trace, '-e', `trace=${NAMES.join(',')}`)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('another build of ours'),
    });
    const points = callPoints(readFileSync(trace, 'utf8'));
    expect(points.map(({ name }) => name)).toEqual(expect.arrayContaining(['flock', 'fsync', 'rename', 'chroot']));
    const left = { old: 0, new: 0, neither: 0 };
    for (const { name, ordinal } of points) {
      putOld();
      const kill = ['-e', `trace=${name}`, '-e', `inject=${name}:signal=SIGKILL:when=${ordinal}`];
      install('strace', '-f', '-qq', '-o', '/dev/null', ...kill);
      const content = readFileSync(file);
      const which = content.equals(newContent) ? 'new' : content.equals(oldContent) ? 'old' : 'neither';
      expect({ name, ordinal, which }).not.toMatchObject({ which: 'neither' });
      left[which]++;
      expect({ name, ordinal, ...install() }).toMatchObject({ name, ordinal, status: 0, stderr: '' });
      expect(readFileSync(file).equals(newContent)).toBe(true);
      expect(readdirSync(directory)).toEqual(['egress-router']);
    }
    expect(left.old).toBeGreaterThan(15);
    // Which threads come to which call varies; that it is in place is said after the rename in any case.
    putOld();
    const log = join(folder, 'log');
    const killAtWord = `exec strace -f -qq -o /dev/null -P ${log} -e trace=write -e inject=write:signal=SIGKILL "$@" >${log}`;
    install('sh', '-ec', killAtWord, 'sh');
    expect(readFileSync(log, 'utf8')).toBe('');
    expect(readFileSync(file).equals(newContent)).toBe(true);
  }, 300_000);
});

/** The node's root where the installer expects it, and its directory of plugins at its own path. */
const SETUP =
  'mount --rbind "$1" /mnt; mount -t tmpfs tmpfs /opt; mkdir -p "$2"; mount --bind "$1$2" "$2"; shift 2; exec "$@"';

/** strace counts the calls of each thread: a name has as many points as its busiest thread has calls. */
function callPoints(trace: string): CallPoint[] {
  const counts = new Map<string, Map<string, number>>();
  for (const line of trace.split('\n')) {
    // A call that another thread interrupted has a second line, which begins with `<...`.
    const [, thread, name] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || name === undefined) continue;
    const threads = counts.get(name) ?? new Map<string, number>();
    counts.set(name, threads.set(thread, (threads.get(thread) ?? 0) + 1));
  }
  return [...counts].flatMap(([name, threads]) =>
    chosen(Math.max(...threads.values())).map((ordinal) => ({ name, ordinal })),
  );
}

/** All of a few; of many, the first, the last and some between. */
function chosen(count: number): number[] {
  if (count <= OF_EACH) return Array.from({ length: count }, (_, index) => index + 1);
  return Array.from({ length: OF_EACH }, (_, index) => 1 + Math.round((index * (count - 1)) / (OF_EACH - 1)));
}
