import { execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './lab/namespace';
import { IPV4_ONLY } from './lab/network-config';
import type { Scene } from './lab/scene';
import { idsOf, type Report, report, UNPRIVILEGED, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';

/** How the process of a router learns its rules. */
const WAYS = [
  { way: 'a file alone', flags: (file: string) => [`--config-file=${file}`], asRoot: false },
  {
    way: 'a file beside its configuration',
    flags: (file: string, config: string) => [`--config=${config}`, `--config-file=${file}`, '--live-rules'],
    asRoot: true,
  },
] as const;

describeOnKernel("doctor, where the file of the router's process is broken", ['ip', 'nft', 'setpriv'], () => {
  describe.each(WAYS)('$way', ({ flags, asRoot }) => {
    let folder: string;
    let scene: Scene;
    let file: string;
    let name: string;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'doctor-configuration-'));
      file = join(folder, 'config.json');
      const working = await workingRouter(IPV4_ONLY, { healthPort: 9180, liveRules: asRoot });
      scene = working.scene;
      const text = JSON.stringify(working.config);
      writeFileSync(file, text, { mode: 0o644 });
      scene.router.namespace.run('chmod', '755', folder);
      name = `egress/r${randomInt(1e9)}`;
      const words = [PLUGIN, 'serve', `--router=${name}`, ...flags(file, text)];
      scene.router.namespace.start([...(asRoot ? [] : UNPRIVILEGED), ...words], { stdio: 'ignore' });
      await eventually(() => expect(look()).toMatchObject({ router: name, findings: [] }));
    });
    afterEach(() => {
      scene[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    });

    const look = (from = scene.node.namespace, wrapper: readonly string[] = []): Report =>
      report(from, [...wrapper, PLUGIN, 'doctor', '--json', '--time-limit=60', `--router=${name}`]);

    test('half-written: it is named, with the mistake, and the rest is looked at', () => {
      writeFileSync(file, '{"name": "half');
      const found = look();
      expect(idsOf(found)).toEqual(['configuration']);
      expect(found.findings[0]!.problem).toContain(`${file}: is not JSON: `);
      expect(found.findings[0]!.commands).toContain(
        `kubectl --namespace egress get --output yaml configmap/${name.slice('egress/'.length)}`,
      );
      scene.node.namespace.batch('link set lan0 down');
      expect(idsOf(look())).toEqual(['configuration', 'parent-down']);
    });

    test('with a mistake in a rule, and a gateway that is silent', () => {
      writeFileSync(file, JSON.stringify(scene.config({ ...IPV4_ONLY, destinations: ['80 TPC 203.0.113.26'] })));
      scene.lab.gateway.namespace.batch('link set lan0 down');
      const found = look();
      expect(idsOf(found)).toEqual(['configuration', 'gateway-silent']);
      expect(idsOf(look(scene.router.namespace, UNPRIVILEGED))).toEqual(['configuration', 'gateway-silent']);
      expect(found.findings[0]!.problem).toContain(
        'ip.destinations[0]: "80 TPC 203.0.113.26" names the protocol "TPC"',
      );
    });

    test('gone, with the interface: the rest is reported', () => {
      rmSync(file);
      scene.router.namespace.batch('link del net1');
      const found = look();
      expect(idsOf(found)).toEqual(asRoot ? ['configuration', 'link'] : ['configuration']);
      expect(found.findings[0]!.problem).toContain(`${file}: cannot be read: ENOENT`);
    });
  });
});

/** A process that calls itself `serve`, with a root of its own and without a privilege. Its script has that name. */
const CLAIMANT = `chroot "root" or die; chdir "/"; $) = "65534 65534"; ($<, $>) = (65534, 65534); $| = 1;
print "ready\\n"; sleep 60;`;

describeOnKernel('doctor, where another process calls itself serve', ['ip', 'nft', 'perl', 'mkfifo'], () => {
  let folder: string;
  let root: string;
  let scene: Scene;
  const name = `egress/r${randomInt(1e9)}`;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doctor-claimant-'));
    root = join(folder, 'root');
    mkdirSync(root);
    writeFileSync(join(folder, 'serve'), CLAIMANT);
    scene = (await workingRouter(IPV4_ONLY)).scene;
  });
  afterEach(() => {
    scene[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  /** Where a pod is, or one that has the node's network. */
  const PLACES = [
    ['in a pod', () => scene.router.namespace],
    ["with the node's network", () => scene.node.namespace],
  ] as const;

  async function look(place: Namespace): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const words = ['perl', 'serve', `--router=${name}`, '--config-file=/router.json'];
    const claimant = place.start(words, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => claimant.stdout!.once('data', resolve));
    const { stdout, stderr } = scene.node.namespace.try([PLUGIN, 'doctor', '--json', `--router=${name}`]);
    claimant.kill();
    return { stdout, stderr };
  }

  test.each(PLACES)('an absolute link leads to its own file, not to that of the node: %s', async (_where, place) => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'hunter2');
    symlinkSync(secret, join(root, 'router.json'));
    const { stdout, stderr } = await look(place());
    expect(stdout + stderr).not.toContain('hunter2');
    expect(stdout + stderr).toContain('/router.json: cannot be read: ENOENT');
  });

  test.each(PLACES)('a relative link leads no higher than its root: %s', async (_where, place) => {
    writeFileSync(join(folder, 'secret'), 'hunter2');
    symlinkSync('../secret', join(root, 'router.json'));
    expect((await look(place())).stdout).toContain('/router.json: cannot be read: ENOENT');
  });

  test.each(PLACES)('a named pipe is not opened, nor is a device: %s', async (_where, place) => {
    const pipe = join(root, 'router.json');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `echo opened > ${pipe}`], { stdio: 'ignore' });
    expect((await look(place())).stdout).toContain('/router.json: is not a file');
    expect(writer.exitCode).toBeNull();
    expect(writer.signalCode).toBeNull();
    writer.kill();
  });

  test.each(PLACES)('its own file is read: %s', async (_where, place) => {
    writeFileSync(join(root, 'real.json'), 'words of its own');
    symlinkSync('/real.json', join(root, 'router.json'));
    expect((await look(place())).stdout).toContain('/router.json: is not JSON: ');
  });
});
