/**
 * The commands for manifests, as npm's users have them: what `npm pack` makes, in an empty project, with Node.js and
 * nothing else.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** What a shell script of npm needs, and no more: neither bun nor any tool of Linux' network. */
const TOOLS = ['node', 'npm', 'npx', 'sh', 'env'];

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'egress-npm-'));
  chmodSync(project, 0o755);
  const packed = npm(ROOT, 'pack', '--silent', '--pack-destination', project).trim();
  npm(project, 'init', '--yes');
  npm(project, 'install', '--prefer-offline', '--no-audit', '--no-fund', join(project, packed));
  mkdirSync(join(project, 'dist'));
  cpSync(join(ROOT, 'test/fixtures/standalone.k8s.yaml'), join(project, 'dist', 'standalone.k8s.yaml'));
  mkdirSync(join(project, 'tools'));
  for (const tool of TOOLS) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' });
    symlinkSync(stdout.trim(), join(project, 'tools', tool));
  }
}, 300_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

function npm(cwd: string, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** By npx, as an unprivileged user. */
function npx(...words: string[]) {
  const home = mkdtempSync(join(tmpdir(), 'egress-home-'));
  const uid = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if (uid.uid !== undefined) chmodSync(home, 0o777);
  try {
    const { status, stdout, stderr } = spawnSync('npx', ['--offline', 'cdk8s-egress-router', ...words], {
      cwd: project,
      encoding: 'utf8',
      env: { PATH: join(project, 'tools'), HOME: home, npm_config_update_notifier: 'false' },
      ...uid,
    });
    return { status, stdout, stderr };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test('plan says what a router will be', () => {
  const { status, stdout, stderr } = npx('plan', 'dist/');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    /^#!\/bin\/sh\n# Router egress\/partner: [\s\S]+\nip link add net1 [\s\S]+sysctl -w net\/ipv4\/ip_forward=1\n/,
  );
});

test('plan --diff says what a change costs, by its exit code too', () => {
  expect(npx('plan', '--diff', 'dist/', 'dist/')).toEqual({ status: 0, stdout: 'No changes: 1 router.\n', stderr: '' });
  expect(npx('plan', '--diff', join(ROOT, 'nothing'), 'dist/').status).toBe(1);
  const okd = join(project, 'okd.yaml');
  cpSync(join(ROOT, 'test/fixtures/okd.k8s.yaml'), okd);
  expect(npx('plan', '--diff', okd, 'dist/')).toMatchObject({ status: 2, stderr: '' });
});

test('diagram draws it, in both languages', () => {
  expect(npx('diagram', 'dist/')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('flowchart'),
    stderr: '',
  });
  const svg = npx('diagram', 'dist/', '--format=svg');
  expect({ ...svg, stdout: svg.stdout.slice(0, 4) }).toEqual({ status: 0, stdout: '<svg', stderr: '' });
});

test('the domain is an entry of its own: a configuration becomes commands', () => {
  const program = `
    const { dataPlane, dataPlaneCommands, decodeNetworkConfig } = require('cdk8s-egress-router/domain');
    const config = { cniVersion: '1.0.0', name: 'n', type: 'egress-router', ip: { addresses: ['192.0.2.9/24'], destinations: ['80 TCP 192.0.2.1'] } };
    const [, link] = dataPlaneCommands(dataPlane(decodeNetworkConfig(config), 'net1', 'eth0'), 'eth1');
    console.log(link.command);
    console.log(Object.keys(require.cache).some((file) => file.includes('node_modules/cdk8s/')));
  `;
  const { stdout, stderr } = spawnSync('node', ['-e', program], { cwd: project, encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({
    stdout: 'ip link add net1 link eth1 address e2:65:c0:00:02:09 group 101 type macvlan mode bridge\nfalse\n',
    stderr: '',
  });
});

test('the package has the program that its commands are, and no file for bun or root', () => {
  const { bin } = JSON.parse(readFileSync(join(project, 'node_modules/cdk8s-egress-router/package.json'), 'utf8'));
  const program = join(project, 'node_modules/cdk8s-egress-router', bin['cdk8s-egress-router']);
  expect(dirname(program)).toMatch(/lib$/);
  expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
