import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT, NETWORK } from '../support/call';
import { describeOnKernel, PLUGIN } from './support/requires';

interface Ending {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param redirections of the shell, and arguments */
function run(variables: Record<string, string>, words: string, input?: string): Ending {
  const env = { PATH: process.env.PATH, PLUGIN, ...variables };
  return spawnSync('sh', ['-c', `"$PLUGIN" ${words}`], {
    env,
    encoding: 'utf8',
    ...(input === undefined ? {} : { input }),
  });
}

const ADD = { ...ENVIRONMENT, CNI_COMMAND: 'ADD', CNI_NETNS: '/does/not/exist' };

describeOnKernel('the executable', [], () => {
  test.each([
    ['closed', '<&-', 6, 'standard input is empty'],
    ['a folder', '</tmp', 5, 'EISDIR'],
    ['endless', '</dev/zero', 6, 'standard input is longer than'],
    ['no JSON', '</etc/passwd', 6, 'standard input is not JSON'],
  ])('standard input that is %s gets an error object', (_what, words, code, message) => {
    const { status, stdout } = run(ADD, words);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ cniVersion: '1.1.0', code, msg: expect.stringContaining(message) });
  });

  test.each(['>&-', '>/dev/full', '2>&- >&-'])('an error is an exit status even with %s', (words) => {
    expect(run(ADD, words, JSON.stringify(NETWORK)).status).toBe(1);
  });

  test.each(['>&-', '>/dev/null'])('ADD changes nothing where its result would be lost: %s', (words) => {
    const { status, stderr } = run(ADD, words, JSON.stringify(NETWORK));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('error 5: standard output is closed or the null device'),
    });
  });

  test('a result that cannot be written is a failure', () => {
    expect(run({ CNI_COMMAND: 'VERSION' }, '>/dev/full', '{}').status).toBe(1);
  });

  test('errors come in the version of the configuration', () => {
    const { status, stdout } = run(ADD, '', JSON.stringify({ ...NETWORK, cniVersion: '0.4.0' }));
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      cniVersion: '0.4.0',
      code: 108,
      msg: expect.stringContaining('/does/not/exist'),
    });
  });

  test('a rejected configuration is logged to its own log file', () => {
    const folder = mkdtempSync('/var/log/egress-router-command-line-');
    const config = { ...NETWORK, mac: 'x', log_file: join(folder, 'log') };
    const { stderr } = run(ADD, '', JSON.stringify(config));
    const line = JSON.parse(readFileSync(config.log_file, 'utf8'));
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    expect(line).toMatchObject({ level: 'error', command: 'ADD', containerId: 'c0ffee', network: 'db' });
    expect(line.message).toContain('mac: "x" is not a MAC address');
  });

  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
  const ABOUT = [
    `CNI plugin egress-router v${version}\n`,
    'CNI protocol versions supported: 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0\n',
  ];
  const SUBCOMMANDS = 'Subcommands for people and pods, each with --help: diagram, doctor, install, plan, serve\n';

  test.each([
    ['', 'stderr', [...ABOUT, SUBCOMMANDS]],
    ['--help', 'stdout', [...ABOUT, SUBCOMMANDS]],
    ['--version', 'stdout', ABOUT],
  ] as const)('without a command, and with "%s", it says on %s what it is', (words, stream, texts) => {
    const { status, ...output } = run({}, words);
    expect({ status, ...output, [stream]: '' }).toEqual({ ...output, status: 0, stdout: '', stderr: '' });
    for (const text of texts) expect(output[stream]).toContain(text);
  });

  test('it draws what the package draws', () => {
    const root = join(__dirname, '../..');
    const { status, stdout } = run({}, `diagram --format=svg '${join(root, 'test/fixtures/standalone.k8s.yaml')}'`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: readFileSync(join(root, 'docs/picture.svg'), 'utf8') });
  });

  test.each([
    ['bad', 'unknown subcommand "bad"; accepted: diagram, doctor, install, plan, serve, --help, --version\n'],
    ['serv', 'unknown subcommand "serv"; did you mean serve?\n'],
    [
      'constructor',
      'unknown subcommand "constructor"; accepted: diagram, doctor, install, plan, serve, --help, --version\n',
    ],
    ["''", 'unknown subcommand ""; accepted: diagram, doctor, install, plan, serve, --help, --version\n'],
    ['serve', 'serve: needs --config=JSON or --config-file=PATH\n'],
    [
      'serve --config={} --config-file=/x',
      'serve: --config and --config-file exclude each other without --live-rules\n',
    ],
    ['serve --confg={}', 'serve: unknown flag --confg; did you mean --config?\n'],
    ['serve --config', 'serve: --config has no value: --config=JSON\n'],
    ['serve --config=', 'serve: --config has no value: --config=JSON\n'],
    ['serve --config={} --config={}', 'serve: --config is given twice\n'],
    [
      'serve --config={} --live-rules',
      'serve: --live-rules needs --config-file=PATH, because a command line cannot change\n',
    ],
    ['serve --config={} --rule-metrics=yes', 'serve: --rule-metrics takes no value, and was given "yes"\n'],
    ['serve config', 'serve: unexpected argument "config"; flags begin with --\n'],
  ])('%s is misuse: exit code 2, and what is accepted', (words, stderr) => {
    expect(run({}, words)).toMatchObject({ status: 2, stdout: '', stderr });
  });
});
