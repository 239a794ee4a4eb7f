import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { blocksOf } from '../support/markdown';
import { Lab } from './lab/lab';
import type { Outcome } from './lab/namespace';
import { BUN } from './support/packet-lan';
import { describeOnKernel, PLUGIN } from './support/requires';

const MARKER = 'cdk8s-egress-router executable, version ';
const { version: VERSION } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));

const OTHER_USER = ['setpriv', '--reuid=65532', '--clear-groups'];

function* placesOf(bytes: Buffer, text: string): Generator<number> {
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) yield at;
}

describeOnKernel('egress-router install', ['ip', 'nft', 'strace', 'flock', BUN], () => {
  let lab: Lab;
  beforeAll(() => {
    lab = new Lab();
  });
  afterAll(() => lab[Symbol.dispose]());

  let folder: string;
  let plugins: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'egress-router-install-'));
    plugins = join(folder, 'bin');
    mkdirSync(plugins);
  });
  afterEach(() => {
    spawnSync('umount', ['--quiet', plugins]);
    rmSync(folder, { recursive: true });
  });

  const file = (name = 'egress-router') => join(plugins, name);

  /** By a program, on the lab's node. */
  function runAs(executable: string, words: readonly string[]): Outcome {
    return lab.node.namespace.try([executable, 'install', `--cni-bin-dir=${plugins}`, ...words]);
  }
  const install = (...words: string[]) => runAs(PLUGIN, words);

  /** Another version of ours, which runs: our executable with a number of the same length. */
  function otherVersion(digit = '9'): string {
    const other = VERSION.replaceAll(/\d/g, digit);
    const bytes = readFileSync(PLUGIN);
    const places = [...placesOf(bytes, `${MARKER}${VERSION};`)];
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) bytes.write(other, place + MARKER.length, 'latin1');
    const path = join(folder, `egress-router-${other}`);
    writeFileSync(path, bytes, { mode: 0o755 });
    return path;
  }

  const isPlugin = (path = file()) => readFileSync(path).equals(readFileSync(PLUGIN));
  const foreign = '#!/bin/sh\necho "not ours"\n';

  test('puts the executable there, and it answers a runtime', () => {
    expect(install()).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('new') });
    expect(isPlugin()).toBe(true);
    expect(statSync(file())).toMatchObject({ mode: 0o100755, uid: 0 });
    expect(readdirSync(plugins)).toEqual(['egress-router']);
    expect(install('--check')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const answer = execFileSync(file(), { env: { CNI_COMMAND: 'VERSION' }, input: '{"cniVersion":"1.0.0"}' });
    expect(JSON.parse(String(answer)).supportedVersions).toContain('1.1.0');
  });

  test("by the page's commands, on a node", () => {
    const { text } = blocksOf('docs/install.md').find((block) => block.text.startsWith('./egress-router install'))!;
    // A node without plugins and without routers, with a copied executable.
    const setup = [
      'mount -t tmpfs tmpfs /opt',
      'mkdir -p /opt/cni/bin',
      'mount -t tmpfs tmpfs /run',
      `cd ${dirname(PLUGIN)}`,
    ];
    const { status, stdout, stderr } = lab.node.namespace.try([
      'unshare',
      '--mount',
      'sh',
      '-ec',
      [...setup, text].join('\n'),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringContaining('new; STATUS is OK'),
      'ready',
      '/opt/cni/bin/egress-router was removed',
    ]);
  });

  test('writes nothing when it is there already', () => {
    install();
    const before = lstatSync(file());
    expect(install()).toMatchObject({ status: 0, stdout: expect.stringContaining('unchanged; STATUS is OK') });
    const { ino, ctimeMs } = lstatSync(file());
    expect({ ino, ctimeMs }).toEqual({ ino: before.ino, ctimeMs: before.ctimeMs });
  });

  test('takes another name, and leaves every other plugin alone', () => {
    writeFileSync(file('macvlan'), foreign, { mode: 0o755 });
    writeFileSync(file('egress-router'), foreign, { mode: 0o755 });
    expect(install('--plugin-name=reserved-egress')).toMatchObject({ status: 0 });
    expect(readdirSync(plugins).sort()).toEqual(['egress-router', 'macvlan', 'reserved-egress']);
    expect(readFileSync(file('macvlan'), 'utf8')).toBe(foreign);
    expect(readFileSync(file('egress-router'), 'utf8')).toBe(foreign);
  });

  test.each(['9', '0'])('replaces another version of ours (%s.…) without being forced, by one rename', (digit) => {
    const other = VERSION.replaceAll(/\d/g, digit);
    expect(runAs(otherVersion(digit), [])).toMatchObject({ status: 0, stdout: expect.stringContaining(other) });
    const { ino } = statSync(file());
    expect(install('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining(`version ${other}`) });
    expect(install()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('instead of another build of ours'),
    });
    expect(isPlugin()).toBe(true);
    expect(statSync(file()).ino).not.toBe(ino);
  });

  test.each([4096, 50_000_000])('repairs a copy that was cut off after %d bytes, and removes it', (size) => {
    const cutOff = () => writeFileSync(file(), readFileSync(PLUGIN).subarray(0, size), { mode: 0o755 });
    cutOff();
    expect(install('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('or a damaged one') });
    expect(install()).toMatchObject({ status: 0, stdout: expect.stringContaining('instead of another build of ours') });
    expect(isPlugin()).toBe(true);
    cutOff();
    expect(install('--uninstall', '--force')).toMatchObject({ status: 0 });
    expect(readdirSync(plugins)).toEqual([]);
  });

  test('leaves an empty file alone', () => {
    writeFileSync(file(), '');
    expect(install()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is a foreign file, and was not replaced'),
    });
    expect(readFileSync(file(), 'utf8')).toBe('');
  });

  test('repairs a damaged file, and one that may not be run', () => {
    install();
    execFileSync('dd', ['if=/dev/zero', `of=${file()}`, 'bs=1', 'seek=50000000', 'count=9', 'conv=notrunc'], {
      stdio: 'ignore',
    });
    expect(install('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('or a damaged one') });
    install();
    expect(isPlugin()).toBe(true);
    chmodSync(file(), 0o644);
    expect(install('--check').status).toBe(1);
    install();
    expect(statSync(file()).mode).toBe(0o100755);
  });

  test('keeps a foreign file until it is forced', () => {
    writeFileSync(file(), foreign, { mode: 0o755 });
    expect(install()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is a foreign file, and was not replaced'),
    });
    expect(install('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('is a foreign file') });
    expect(readFileSync(file(), 'utf8')).toBe(foreign);
    expect(install('--force')).toMatchObject({ status: 0, stdout: expect.stringContaining('a foreign file') });
    expect(isPlugin()).toBe(true);
  });

  test('a link is not a file of ours, wherever it leads', () => {
    copyFileSync(PLUGIN, join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), file());
    expect(install()).toMatchObject({ status: 1, stderr: expect.stringContaining('is a foreign file') });
    expect(install('--force').status).toBe(0);
    expect(lstatSync(file()).isFile()).toBe(true);
    expect(isPlugin(join(folder, 'elsewhere'))).toBe(true);
  });

  describe('--uninstall', () => {
    /** Forced, because this machine may have routers of other tests. */
    const uninstall = (...words: string[]) => install('--uninstall', '--force', ...words);

    test('removes every version of ours', () => {
      expect(uninstall()).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to remove') });
      runAs(otherVersion(), []);
      expect(install('--uninstall', '--check')).toMatchObject({ status: 1 });
      expect(uninstall()).toMatchObject({ status: 0, stdout: expect.stringContaining('was removed') });
      expect(readdirSync(plugins)).toEqual([]);
      expect(install('--uninstall', '--check')).toMatchObject({ status: 0 });
    });

    test('leaves whatever else has its name, forced or not', () => {
      writeFileSync(file(), foreign, { mode: 0o755 });
      for (const words of [[], ['--force']]) {
        const { status, stdout } = install('--uninstall', ...words);
        expect({ status, stdout }).toEqual({ status: 0, stdout: `${file()} is a foreign file: nothing to remove\n` });
      }
      expect(readFileSync(file(), 'utf8')).toBe(foreign);
    });

    test('waits for the routers, which cannot end without it', () => {
      install();
      // Sorts before what other routers of this machine have: a message names ten.
      const network = `0-${lab.unique('net')}`;
      const record = `/run/egress-router/attachments/${network}@0123456789abcdef@net1`;
      mkdirSync('/run/egress-router/attachments', { recursive: true });
      writeFileSync(record, '{}');
      try {
        expect(install('--uninstall')).toMatchObject({
          status: 1,
          stderr: expect.stringMatching(
            new RegExp(
              `was not removed: \\d+ of this node's pods use it, .*${network} \\(container 0123456789ab, net1\\)`,
            ),
          ),
        });
        expect(isPlugin()).toBe(true);
        expect(uninstall()).toMatchObject({
          status: 0,
          stdout: expect.stringMatching(new RegExp(`was removed; \\d+ of this node's pods use it, .*${network} `)),
        });
      } finally {
        rmSync(record);
      }
    });
  });

  describe('bad input and bad nodes', () => {
    /** What is said, and that nothing is left. */
    function refused({ status, stdout, stderr }: Outcome, ...sentences: string[]): void {
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      for (const sentence of sentences) expect(stderr).toContain(sentence);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }

    const mountTmpfs = (options: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', plugins]);

    test.each([
      ['a directory that is missing', '/nowhere/bin', '--cni-bin-dir: /nowhere/bin does not exist'],
      ['a file', '/etc/passwd', '--cni-bin-dir: /etc/passwd is not a directory'],
      ['a relative path', 'bin', '--cni-bin-dir: "bin" is not absolute'],
      ['a path that is too long', `/${'x'.repeat(300)}`, "xxx is longer than Linux's path limit"],
    ])('%s', (_what, path, sentence) => {
      refused(lab.node.namespace.try([PLUGIN, 'install', `--cni-bin-dir=${path}`]), sentence);
    });

    test.each<[string, (words: string[]) => Outcome, string]>([
      ['a link to itself', (words) => install(...words), 'is a symbolic link loop'],
      ['a file', (words) => install(...words), 'is not a directory'],
      [
        'one that this user may not search',
        (words) => lab.node.namespace.try([...OTHER_USER, PLUGIN, 'install', `--cni-bin-dir=${plugins}`, ...words]),
        'is not accessible to this user: the installer must run as root',
      ],
    ])('a directory that is %s: each verb says so', (what, run, sentence) => {
      chmodSync(folder, 0o755);
      chmodSync(plugins, 0o600);
      if (what !== 'one that this user may not search') rmSync(plugins, { recursive: true });
      if (what === 'a link to itself') symlinkSync('bin', plugins);
      if (what === 'a file') writeFileSync(plugins, '');
      for (const words of [[], ['--check'], ['--uninstall'], ['--uninstall', '--check']]) {
        refused(run(words), `--cni-bin-dir: ${plugins} ${sentence}`);
      }
      rmSync(plugins, { recursive: true, force: true });
    });

    test.each([
      ['a link to itself', 'is a symbolic link loop'],
      ['a file', 'is not a directory'],
      ['missing', "does not exist; accepted: where the node's root directory is mounted"],
    ])("a node's root that is %s", (what, sentence) => {
      const root = join(folder, 'root');
      if (what === 'a link to itself') symlinkSync('root', root);
      if (what === 'a file') writeFileSync(root, '');
      refused(install(`--node-root=${root}`), `--node-root: ${root} ${sentence}`);
    });

    test.each(['', '.hidden', 'a/b', '..', `x${'y'.repeat(64)}`])('the plugin name %j', (name) => {
      const answer = install(`--plugin-name=${name}`);
      if (name === '') expect(answer).toMatchObject({ status: 2, stderr: expect.stringContaining('has no value') });
      else refused(answer, `--plugin-name: "${name.slice(0, 8)}`, 'accepted: the file name of a CNI plugin');
      expect(readdirSync(plugins)).toEqual([]);
    });

    test('flags that exclude each other, and a flag that is nearly one', () => {
      expect(install('--check', '--watch')).toMatchObject({ status: 2, stderr: expect.stringContaining('exclude') });
      expect(install('--chek')).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean --check?') });
    });

    test('a file system that is read-only keeps what is there', () => {
      mountTmpfs('size=400m');
      runAs(otherVersion(), []);
      execFileSync('mount', ['-o', 'remount,ro', plugins]);
      refused(install(), `--cni-bin-dir: ${plugins} is on a read-only file system`);
      refused(install('--uninstall', '--force'), `--cni-bin-dir: ${plugins} is on a read-only file system`);
      expect(readdirSync(plugins)).toEqual(['egress-router']);
    });

    test('a file system that is full keeps what is there, and nothing else', () => {
      mountTmpfs('size=150m');
      const other = otherVersion();
      runAs(other, []);
      refused(install(), `--cni-bin-dir: ${plugins} is on a file system that is full`);
      expect(readdirSync(plugins)).toEqual(['egress-router']);
      expect(readFileSync(file()).equals(readFileSync(other))).toBe(true);
    });

    test('a user who may not write', () => {
      const words = [...OTHER_USER, PLUGIN, 'install', `--cni-bin-dir=${plugins}`];
      chmodSync(folder, 0o755);
      refused(lab.node.namespace.try(words), `--cni-bin-dir: ${plugins} is not accessible to this user`);
      expect(readdirSync(plugins)).toEqual([]);
    });

    test('a directory that may not be executed from', () => {
      mountTmpfs('size=400m,noexec');
      refused(install(), 'does not run on this node', 'mounted noexec');
      expect(readdirSync(plugins)).toEqual([]);
    });

    test('a directory in the place of the plugin', () => {
      mkdirSync(file());
      const message = `${file()} is a directory, where the plugin would be: remove it, or give this installer and the routers another name`;
      for (const words of [[], ['--force'], ['--check'], ['--uninstall']]) refused(install(...words), message);
      expect(readdirSync(plugins)).toEqual(['egress-router']);
    });

    test("a directory in the place of the installer's own file", () => {
      const temporary = file('.egress-router.egress-router-installing');
      mkdirSync(join(temporary, 'full'), { recursive: true });
      refused(
        install(),
        `${temporary} is a directory where the installer writes the new executable; accepted: a file or no entry, so remove it\n`,
      );
      expect(readdirSync(temporary)).toEqual(['full']);
    });

    test('a file without read permission', () => {
      chmodSync(folder, 0o755);
      writeFileSync(file(), foreign, { mode: 0o700 });
      const words = [...OTHER_USER, PLUGIN, 'install', `--cni-bin-dir=${plugins}`, '--check'];
      refused(lab.node.namespace.try(words), 'is not accessible to this user', '(look at egress-router)');
    });

    test('a file that something is mounted on', () => {
      copyFileSync(PLUGIN, file());
      chmodSync(file(), 0o644);
      execFileSync('mount', ['--bind', file(), file()]);
      try {
        refused(install(), `--cni-bin-dir: ${plugins} has something mounted in the plugin's place: unmount that`);
        refused(install('--uninstall', '--force'), "has something mounted in the plugin's place");
        expect(readdirSync(plugins)).toEqual(['egress-router']);
      } finally {
        execFileSync('umount', [file()]);
      }
    });

    test('a limit of the size of files', () => {
      const limited = `ulimit -f 1000; exec ${PLUGIN} install --cni-bin-dir=${plugins}`;
      refused(lab.node.namespace.try(['sh', '-c', limited]), 'cannot have a file as large as the executable');
      expect(readdirSync(plugins)).toEqual([]);
    });

    test("a node that cannot serve keeps what it had: the parent interface is missing, and nothing is written in its file's place", () => {
      const other = otherVersion();
      runAs(other, []);
      refused(install('--master=absent0'), 'this node cannot serve: parent interface absent0 does not exist');
      expect(readdirSync(plugins)).toEqual(['egress-router']);
      expect(readFileSync(file()).equals(readFileSync(other))).toBe(true);
      install();
      refused(install('--check', '--master=absent0'), 'parent interface absent0 does not exist');
    });
  });

  test('two at once, again and again: each ends well, and the file is whole at every moment', async () => {
    const other = otherVersion();
    const [ours, theirs] = [readFileSync(PLUGIN), readFileSync(other)];
    mkdirSync(plugins, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=500m', 'tmpfs', plugins]);
    runAs(other, []);
    for (let round = 0; round < 20; round++) {
      const ends = [PLUGIN, other, PLUGIN].map((program) => {
        const words = ['netns', 'exec', lab.node.namespace.name, program, 'install', `--cni-bin-dir=${plugins}`];
        const child = spawn('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
        return new Promise((resolve) => {
          child.once('close', resolve);
        });
      });
      const all = Promise.all(ends).then((statuses) => ({ statuses }));
      const pause = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 20));
      let ended = await Promise.race([all, pause()]);
      while (ended === undefined) {
        expect(existsSync(file())).toBe(true);
        ended = await Promise.race([all, pause()]);
      }
      expect(ended.statuses).toEqual([0, 0, 0]);
      const content = readFileSync(file());
      expect(content.equals(ours) || content.equals(theirs)).toBe(true);
      expect(readdirSync(plugins)).toEqual(['egress-router']);
    }
  }, 240_000);

  test('waits for another installer, and handles SIGTERM while it waits', async () => {
    const holder = spawn('flock', [plugins, 'sleep', '60'], { detached: true });
    try {
      const words = ['netns', 'exec', lab.node.namespace.name, 'strace', '-f', '-qq', '-e', 'trace=flock'];
      const waiting = spawn('ip', [...words, PLUGIN, 'install', `--cni-bin-dir=${plugins}`], { stdio: 'pipe' });
      let trace = '';
      await new Promise<void>((resolve) => {
        waiting.stderr.setEncoding('utf8').on('data', (text: string) => {
          trace += text;
          if (trace.includes('EAGAIN')) resolve();
        });
      });
      expect(readdirSync(plugins)).toEqual([]);
      const ended = new Promise((resolve) => {
        waiting.once('close', resolve);
      });
      const pid = Number(execFileSync('pgrep', ['-P', String(waiting.pid), '-f', 'install'], { encoding: 'utf8' }));
      process.kill(pid, 'SIGTERM');
      expect(await ended).toBe(0);
    } finally {
      process.kill(-holder.pid!, 'SIGKILL');
    }
  });

  test('gives up when another process keeps the directory locked', () => {
    const program = join(__dirname, '../../cni/install/plugin-directory.ts');
    const script = `import { PluginDirectory } from '${program}';
      await PluginDirectory.lock('${plugins}', 200).catch(({ name, message }) => console.log(name, message));`;
    const words = ['--shared', plugins, BUN, '-e', script];
    expect(execFileSync('flock', words, { encoding: 'utf8' })).toBe(
      `InstallError ${plugins} is locked by another process (waited 0.2 s); accepted: one installer at a time. "fuser -v ${plugins}" on the node names who has it open\n`,
    );
  });

  test('clears what a killed one left, and no other hidden file', () => {
    for (const name of ['.egress-router.egress-router-installing', '.x.egress-router-installing', '.keep'])
      writeFileSync(file(name), 'half');
    utimesSync(file('.keep'), 0, 0);
    install();
    expect(readdirSync(plugins).sort()).toEqual(['.keep', 'egress-router']);
  });
});
