import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { EgressRouterPlugin, type EgressRouterPluginProps } from '../../src';
import { type Manifest, newChart, only } from '../support/synth';
import { ask } from './lab/echo';
import { RESERVED } from './lab/layout';
import { IPV4_ONLY } from './lab/network-config';
import { Scene } from './lab/scene';
import { Container } from './support/container';
import { eventually } from './support/eventually';
import { buildImage, unpackImage } from './support/image';
import { NodeRoot } from './support/node-root';
import { describeOnKernel } from './support/requires';

/** A loaded machine's patience; bounds that the documentation states are measured. */
const PATIENCE = 20_000;

describeOnKernel("the plugin's DaemonSet", ['buildah', 'runc', 'ip', 'nft', 'go'], () => {
  let folder: string;
  let bundle: string;
  beforeAll(() => {
    buildImage();
    folder = mkdtempSync(join(tmpdir(), 'egress-router-daemonset-'));
    bundle = join(folder, 'bundle');
    unpackImage(bundle, process.arch === 'arm64' ? 'arm64' : 'amd64');
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene[Symbol.dispose]());

  /** The pod of a plugin, on a node. */
  class Pod implements Disposable {
    private readonly spec: Manifest;
    public readonly container: Container;

    public constructor(
      private readonly node: NodeRoot,
      props: EgressRouterPluginProps = {},
    ) {
      const chart = newChart();
      new EgressRouterPlugin(chart, 'plugin', { image: 'unused', ...props });
      this.spec = only(chart.toJson(), 'DaemonSet').spec.template.spec;
      if (!this.spec.hostNetwork) throw new Error("it is not in the node's network");
      this.container = new Container(this.declared, {
        bundle,
        networkNamespace: scene.node.namespace.path,
        user: 65532,
        mounts: this.declared.volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly }: Manifest) => ({
          source: this.source(name),
          destination: mountPath,
          readOnly,
          recursiveReadOnly,
        })),
      });
    }

    private get declared(): Manifest {
      return this.spec.containers[0];
    }

    /** As the kubelet finds it: with the node's own links. */
    private source(volume: string): string {
      const { path, type } = this.spec.volumes.find(({ name }: Manifest) => name === volume).hostPath;
      const source = spawnSync('chroot', [this.node.path, '/bin/busybox', 'realpath', path], { encoding: 'utf8' });
      const found = this.node.at(source.stdout.trim());
      if (type !== 'Directory' || !statSync(found).isDirectory()) throw new Error(`${path} is not a directory`);
      return found;
    }

    /** The readiness probe. */
    public probe() {
      return this.container.exec(...this.declared.readinessProbe.exec.command);
    }

    public async ready(): Promise<void> {
      await eventually(() => expect(this.probe()).toMatchObject({ status: 0, stderr: '' }), PATIENCE);
    }

    /** Its log so far, when it has that many lines. */
    public async messages(count: number): Promise<string[]> {
      const lines = () => this.container.stdout.split('\n').filter(Boolean);
      await eventually(() => expect(lines()).toHaveLength(count), PATIENCE);
      return lines().map((line) => {
        const { time, level, message } = JSON.parse(line);
        expect(Date.parse(time)).not.toBeNaN();
        return `${level} ${message}`;
      });
    }

    public [Symbol.dispose](): void {
      this.container[Symbol.dispose]();
    }
  }

  /** A node with a shell for the test's own look at it. */
  function newNode(plugins?: string): NodeRoot {
    const node = new NodeRoot(plugins);
    mkdirSync(node.at('/bin'));
    execFileSync('cp', ['/bin/busybox', node.at('/bin/busybox')]);
    return node;
  }

  test('installs the plugin with the rights of its manifest, and ADD with that file routes', async () => {
    using node = newNode();
    using pod = new Pod(node);
    await pod.ready();
    const installed = node.at('/opt/cni/bin/egress-router');
    expect(readFileSync(installed).equals(readFileSync(join(bundle, 'rootfs/egress-router')))).toBe(true);
    expect(statSync(installed)).toMatchObject({ mode: 0o100755, uid: 0 });
    expect(await pod.messages(1)).toEqual([
      expect.stringMatching(/^info \/opt\/cni\/bin\/egress-router is version .* new; STATUS is OK$/),
    ]);
    const config = scene.config(IPV4_ONLY);
    const wrapper = ['sh', '-c', `exec ${installed}`];
    await scene.router.add(config, { wrapper });
    await scene.serve();
    const reply = await ask(scene.client.namespace, `tcp ${scene.router.ipv4} 8443`);
    expect(reply).toMatchObject({ peer: RESERVED.ipv4 });
    await scene.router.del(config, { wrapper });
  });

  test('has the rights of its manifest and no others, and may write into the directory of plugins alone', async () => {
    using node = newNode();
    using pod = new Pod(node);
    await pod.ready();
    const status = readFileSync(`/proc/${pod.container.pid}/status`, 'utf8');
    // CAP_SYS_CHROOT, CAP_SYS_ADMIN, CAP_NET_ADMIN
    const added = [18, 21, 12].reduce((mask, number) => mask | (1n << BigInt(number)), 0n);
    for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
      expect(BigInt(`0x${new RegExp(`^${set}:\\s*(\\w+)`, 'm').exec(status)![1]}`)).toBe(added);
    expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    expect(status).toMatch(/^Seccomp:\s*2$/m);
    const mounts = readFileSync(`/proc/${pod.container.pid}/mountinfo`, 'utf8');
    expect(mounts).toMatch(/ \/ ro/);
    expect(mounts).toMatch(/ \/host ro/);
    // The node's /proc, and the directory of plugins once more.
    expect(mounts.match(/ \/host\/\S+ r[ow]/g)).toEqual([' /host/proc ro', ' /host/opt/cni/bin ro']);
    expect(mounts).toMatch(/ \/opt\/cni\/bin rw/);
  });

  test('restores a removed plugin, is not ready meanwhile, and reports it', async () => {
    using node = newNode();
    using pod = new Pod(node);
    await pod.ready();
    // Stopped, it cannot be quicker than the probe.
    process.kill(pod.container.pid!, 'SIGSTOP');
    rmSync(node.at('/opt/cni/bin/egress-router'));
    expect(pod.probe()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('/opt/cni/bin/egress-router is missing'),
    });
    process.kill(pod.container.pid!, 'SIGCONT');
    await pod.ready();
    expect(await pod.messages(2)).toEqual(Array(2).fill(expect.stringContaining('new')));
    // An older file, as a configuration manager puts it back; this second repair waits for its turn.
    writeFileSync(node.at('/opt/cni/bin/egress-router'), '\n', { flag: 'a' });
    expect(pod.probe()).toMatchObject({ status: 1, stderr: expect.stringContaining('is another build of ours') });
    await eventually(() => expect(pod.probe()).toMatchObject({ status: 0 }), 20_000 + PATIENCE);
    expect((await pod.messages(3))[2]).toContain('instead of another build of ours');
  }, 120_000);

  test('is not ready, and the container ends, if a foreign file replaces it', async () => {
    using node = newNode();
    using pod = new Pod(node);
    await pod.ready();
    writeFileSync(node.at('/opt/cni/bin/foreign'), 'a foreign file', { mode: 0o755 });
    renameSync(node.at('/opt/cni/bin/foreign'), node.at('/opt/cni/bin/egress-router'));
    expect(await pod.container.end()).toBe(1);
    expect(pod.container.stdout).toContain('is a foreign file, and was not replaced');
    expect(readFileSync(node.at('/opt/cni/bin/egress-router'), 'utf8')).toBe('a foreign file');
  });

  test('a foreign file is not replaced: the container ends and says why', async () => {
    using node = newNode();
    writeFileSync(node.at('/opt/cni/bin/egress-router'), 'a foreign file', { mode: 0o755 });
    using pod = new Pod(node);
    expect(await pod.container.end()).toBe(1);
    expect(await pod.messages(1)).toEqual([
      expect.stringMatching(/^error .*egress-router is a foreign file, and was not replaced/),
    ]);
    expect(readFileSync(node.at('/opt/cni/bin/egress-router'), 'utf8')).toBe('a foreign file');
  });

  test("OKD's own plugin stays, forced or not, and the advice is another name", async () => {
    using node = newNode();
    const okd = node.at('/opt/cni/bin/egress-router');
    buildOkdPlugin(okd);
    const before = readFileSync(okd);
    using pod = new Pod(node);
    expect(await pod.container.end()).toBe(1);
    expect(pod.container.stdout).toContain(
      "is OKD's own plugin, which its routers need, and was not replaced; give this installer",
    );
    const words = ['install', `--cni-bin-dir=${node.at('/opt/cni/bin')}`, '--force'];
    const forced = scene.node.namespace.try([join(bundle, 'rootfs/egress-router'), ...words]);
    expect(forced).toMatchObject({ status: 1, stderr: expect.stringContaining("is OKD's own plugin") });
    using other = new Pod(node, { pluginName: 'reserved-egress' });
    await other.ready();
    expect(readFileSync(okd).equals(before)).toBe(true);
    expect(readdirSync(node.at('/opt/cni/bin')).sort()).toEqual(['egress-router', 'reserved-egress']);
  }, 120_000);

  test('SIGTERM ends it, and the plugin stays', async () => {
    using node = newNode();
    using pod = new Pod(node);
    await pod.ready();
    pod.container.kill('TERM');
    expect(await pod.container.end()).toBe(0);
    expect(readdirSync(node.at('/opt/cni/bin'))).toEqual(['egress-router']);
  });

  test('an upgrade: the old file is there until the new one takes its place, and a pod that cannot serve changes nothing', async () => {
    using node = newNode();
    const file = node.at('/opt/cni/bin/egress-router');
    {
      using pod = new Pod(node);
      await pod.ready();
    }
    // Another build of ours, which answers as this one does.
    writeFileSync(file, '\n', { flag: 'a' });
    const old = statSync(file).ino;
    {
      using pod = new Pod(node, { parentInterface: 'absent0' });
      expect(await pod.container.end()).toBe(1);
      expect(pod.container.stdout).toContain('parent interface absent0 does not exist');
      expect(statSync(file).ino).toBe(old);
    }
    using pod = new Pod(node);
    await pod.ready();
    expect(statSync(file).ino).not.toBe(old);
  });

  test('the same DaemonSet takes it off the node', async () => {
    using node = newNode();
    {
      using pod = new Pod(node);
      await pod.ready();
    }
    mkdirSync(node.at('/run/egress-router/attachments'), { recursive: true });
    const record = node.at('/run/egress-router/attachments/partners.bank@pod@net1');
    writeFileSync(record, '{}');
    {
      using pod = new Pod(node, { uninstall: true });
      expect(await pod.container.end()).toBe(1);
      expect(pod.container.stdout).toContain(
        "1 of this node's pods use it, and kubelet cannot delete them without it: partners.bank (container pod, net1)",
      );
    }
    rmSync(record);
    using pod = new Pod(node, { uninstall: true });
    await pod.ready();
    expect(readdirSync(node.at('/opt/cni/bin'))).toEqual([]);
  });

  test('a node without glibc keeps what it has', async () => {
    using node = newNode();
    rmSync(node.at('/lib64'), { recursive: true, force: true });
    rmSync(node.at('/lib'), { recursive: true });
    using pod = new Pod(node);
    expect(await pod.container.end()).toBe(1);
    expect(pod.container.stdout).toContain(
      'it has no glibc 2.17 or newer: a node with musl (Alpine, Talos) cannot run it',
    );
    expect(readdirSync(node.at('/opt/cni/bin'))).toEqual([]);
  });

  test('a node with an older glibc keeps what it has', async () => {
    using node = newNode();
    const library = realpathSync(
      node.at(process.arch === 'arm64' ? '/lib/aarch64-linux-gnu' : '/lib/x86_64-linux-gnu'),
    );
    const libc = readFileSync(join(library, 'libc.so.6'));
    // A C library from before 2.17 has no such version of its functions.
    const newest = Buffer.from('GLIBC_2.17\0');
    for (let at = libc.indexOf(newest); at >= 0; at = libc.indexOf(newest)) libc.write('GLIBC_0.17', at, 'latin1');
    writeFileSync(join(library, 'libc.so.6'), libc);
    using pod = new Pod(node);
    expect(await pod.container.end()).toBe(1);
    expect(pod.container.stdout).toContain("the node's C library lacks GLIBC_2.17; accepted: glibc 2.17 or newer");
    expect(readdirSync(node.at('/opt/cni/bin'))).toEqual([]);
  });

  test('follows the links of the node, and notices when they lead elsewhere, as an upgrade of k3s has it', async () => {
    const data = '/var/lib/rancher/k3s/data';
    using node = newNode(`${data}/0123abcd/bin`);
    symlinkSync(`${data}/0123abcd`, node.at(`${data}/current`));
    const props = { cniBinDirectory: `${data}/current/bin` };
    {
      using pod = new Pod(node, props);
      await pod.ready();
      expect(existsSync(node.at(`${data}/0123abcd/bin/egress-router`))).toBe(true);
      mkdirSync(node.at(`${data}/4567cdef/bin`), { recursive: true });
      symlinkSync(`${data}/4567cdef`, node.at(`${data}/next`));
      renameSync(node.at(`${data}/next`), node.at(`${data}/current`));
      // Kubelet starts it again, and mounts what the link leads to by then.
      expect(await pod.container.end()).toBe(1);
      expect(pod.container.stdout).toContain(`${data}/current/bin in this container is not ${data}/current/bin below`);
    }
    using restarted = new Pod(node, props);
    await restarted.ready();
    expect(existsSync(node.at(`${data}/4567cdef/bin/egress-router`))).toBe(true);
  });

  test('the manifest on record is the one that runs here', () => {
    const [recorded] = Yaml.load(join(__dirname, '../fixtures/plugin.k8s.yaml')).filter(
      ({ kind }: Manifest) => kind === 'DaemonSet',
    ) as Manifest[];
    const chart = newChart();
    new EgressRouterPlugin(chart, 'plugin', { image: recorded.spec.template.spec.containers[0].image });
    const { spec } = only(chart.toJson(), 'DaemonSet').spec.template;
    expect(spec).toEqual(recorded.spec.template.spec);
  });

  /** A program of Go's, with the module's path that OKD's has. */
  function buildOkdPlugin(path: string): void {
    const source = join(folder, 'okd');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'go.mod'), 'module github.com/openshift/egress-router-cni\n\ngo 1.19\n');
    writeFileSync(join(source, 'main.go'), 'package main\n\nfunc main() {}\n');
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' };
    execFileSync('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', path, '.'], { cwd: source, env, stdio: 'pipe' });
  }
});
