import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeOnKernel, PLUGIN } from './support/requires';

const DIST = resolve(__dirname, '../../cni/dist');

/** The least that the documentation asks of a node. */
const TARGETS = [
  { name: 'amd64', cpu: 'a CPU without AVX2', emulator: ['qemu-x86_64-static', '-cpu', 'Nehalem'] },
  { name: 'arm64', cpu: 'arm64', emulator: ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'] },
] as const;

const NETCONF = {
  cniVersion: '1.1.0',
  name: 'executables',
  type: 'egress-router',
  interfaceArgs: { master: 'absent0' },
  ip: { addresses: ['192.0.2.9/24'], gateway: '192.0.2.1', destinations: ['443 TCP 203.0.113.26'] },
};

describe.each(TARGETS)('the executable of $name', ({ name, cpu, emulator: [emulator, ...options] }) => {
  const executable = `${DIST}/egress-router-${name}`;

  function run(command: string): { status: number | null; answer: unknown } {
    const env = { CNI_COMMAND: command, CNI_PATH: '/usr/lib/cni', PATH: process.env.PATH };
    const input = JSON.stringify(NETCONF);
    const { status, stdout } = spawnSync(emulator, [...options, executable], { encoding: 'utf8', env, input });
    return { status, answer: JSON.parse(stdout) };
  }

  describeOnKernel(`on ${cpu}`, [emulator, executable], () => {
    test('starts', () => {
      expect(run('VERSION')).toMatchObject({
        status: 0,
        answer: { supportedVersions: expect.arrayContaining(['1.1.0']) },
      });
    });

    test('calls the C library: it asks the kernel for an interface', () => {
      expect(run('STATUS')).toMatchObject({ status: 1, answer: { msg: expect.stringContaining('absent0') } });
    });

    test('needs no C library newer than glibc 2.17', () => {
      const versions = readFileSync(executable, 'latin1').matchAll(/GLIBC_2\.(\d+)(?:\.\d+)?\0/g);
      expect(Math.max(...[...versions].map(([, minor]) => Number(minor)))).toBe(17);
    });
  });
});

describeOnKernel("this machine's executable", [], () => {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/build-plugin.mjs', '--all'], {
      cwd: resolve(DIST, '../..'),
      stdio: 'ignore',
    });
  }, 120_000);

  // They are built apart: what differs would be the build's, such as a path or a time.
  test("is the same bytes as its architecture's", () => {
    expect(readFileSync(PLUGIN).equals(readFileSync(`${DIST}/egress-router-${names[process.arch]}`))).toBe(true);
  });
});
