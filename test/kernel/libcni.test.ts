import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { goTool } from '../support/go-tool';
import { Lab } from './lab/lab';
import type { Outcome } from './lab/namespace';
import { IPV4_ONLY, networkConfig } from './lab/network-config';
import type { Pod } from './lab/pod';
import { networkState, storedAttachments } from './lab/state';
import { cnitool } from './support/cnitool';
import { describeOnKernel, PLUGIN } from './support/requires';

const DERIVED_MAC = 'e2:65:c0:a8:0c:63';
const GIVEN_MAC = '02:00:5e:10:00:77';
const DEBIAN_PLUGINS = '/usr/lib/cni';
const BUSYBOX = '/bin/busybox';

let lab: Lab;
let folder: string;
beforeEach(() => {
  lab = new Lab();
  folder = mkdtempSync(join(tmpdir(), 'libcni-'));
});
afterEach(() => {
  lab[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

/** A list with our plugin alone. @returns the network's name, which no other test has */
function writeNetwork(cniVersion: string, more: object = {}, ...chained: readonly object[]): string {
  const name = lab.unique('network');
  const {
    cniVersion: _,
    name: _name,
    ...plugin
  } = networkConfig(name, IPV4_ONLY, {
    capabilities: { mac: true, ips: true },
    ...more,
  });
  writeFileSync(join(folder, `${name}.conflist`), JSON.stringify({ cniVersion, name, plugins: [plugin, ...chained] }));
  return name;
}

/** The specification's own plugin behind ours in a chain. */
function tuning(): string {
  return goTool('github.com/containernetworking/plugins/plugins/meta/tuning', 'v1.9.0');
}

/** Standard output of what has to succeed. */
function succeeded({ status, stdout, stderr }: Outcome): string {
  if (status === 0) return stdout;
  throw new Error(`exit status ${status}: ${stdout}${stderr}`);
}

describeOnKernel('under libcni, by cnitool', ['ip', 'nft', 'go'], () => {
  let pod: Pod;
  beforeEach(() => {
    pod = lab.node.addPod('router');
  });

  function tool(verb: string, network: string, environment: Record<string, string> = {}): Outcome {
    const variables = {
      NETCONFPATH: folder,
      CNI_PATH: `${dirname(PLUGIN)}:${dirname(tuning())}`,
      CNI_IFNAME: 'net1',
      ...environment,
    };
    const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    return lab.node.namespace.try(['env', ...words, cnitool(), verb, network, pod.namespace.path]);
  }

  test.each(['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])('a pod comes and goes, version %s', (cniVersion) => {
    const network = writeNetwork(cniVersion);
    const before = networkState(pod.namespace);
    expect(JSON.parse(succeeded(tool('add', network)))).toMatchObject({
      cniVersion,
      interfaces: [{ name: 'net1', mac: DERIVED_MAC, sandbox: pod.namespace.path }],
      ips: [{ address: '192.168.12.99/24', gateway: '192.168.12.1', interface: 0 }],
    });
    if (cniVersion !== '0.3.0' && cniVersion !== '0.3.1') expect(tool('check', network).status).toBe(0);
    expect(tool('del', network).status).toBe(0);
    expect(networkState(pod.namespace)).toEqual(before);
    expect(storedAttachments(network)).toEqual([]);
    expect(tool('del', network).status).toBe(0);
  });

  test('the runtime sets address and MAC', () => {
    const network = writeNetwork('1.1.0');
    const CAP_ARGS = JSON.stringify({ mac: GIVEN_MAC, ips: ['192.168.12.98/24'] });
    const { stdout } = tool('add', network, { CAP_ARGS });
    expect(JSON.parse(stdout)).toMatchObject({
      interfaces: [{ mac: GIVEN_MAC, mtu: 1500 }],
      ips: [{ address: '192.168.12.98/24' }],
    });
    expect(tool('check', network, { CAP_ARGS }).status).toBe(0);
    expect(tool('del', network, { CAP_ARGS }).status).toBe(0);
  });

  test('the result of version 1.1.0 has the routes with their table, older ones have none', () => {
    const network = writeNetwork('1.1.0', { routingTable: 200 });
    expect(JSON.parse(succeeded(tool('add', network))).routes).toEqual([
      { dst: '192.168.12.0/24', table: 200 },
      { dst: '0.0.0.0/0', gw: '192.168.12.1', table: 200 },
    ]);
    succeeded(tool('del', network));
    const older = writeNetwork('1.0.0');
    expect(JSON.parse(succeeded(tool('add', older))).routes).toBeUndefined();
    succeeded(tool('del', older));
  });

  test('CHECK accepts what a later plugin of the chain may change', () => {
    const network = writeNetwork('1.1.0', {}, { type: 'tuning', sysctl: { 'net.ipv4.conf.net1.log_martians': '1' } });
    succeeded(tool('add', network));
    succeeded(tool('check', network));
    succeeded(tool('del', network));
  });

  test('CHECK rejects another MAC address, also if a later plugin of the chain has set it', () => {
    const network = writeNetwork('1.1.0', {}, { type: 'tuning', mac: '02:00:00:00:00:77' });
    const before = networkState(pod.namespace);
    expect(JSON.parse(succeeded(tool('add', network)))).toMatchObject({ interfaces: [{ mac: '02:00:00:00:00:77' }] });
    const { status, stderr } = tool('check', network);
    expect(status).toBe(1);
    expect(stderr).toContain(`MAC address is 02:00:00:00:00:77, not ${DERIVED_MAC}`);
    succeeded(tool('del', network));
    expect(networkState(pod.namespace)).toEqual(before);
  });

  test('CHECK reports removed objects to libcni', () => {
    const network = writeNetwork('1.1.0');
    expect(tool('add', network).status).toBe(0);
    pod.namespace.batch('addr del 192.168.12.99/24 dev net1');
    const { status, stderr } = tool('check', network);
    expect(status).toBe(1);
    expect(stderr).toContain('net1 differs from what ADD made');
    expect(stderr).toContain('192.168.12.99/24');
    expect(tool('del', network).status).toBe(0);
  });

  test('the mistakes of a configuration reach the user of libcni', () => {
    const { status, stderr } = tool('add', writeNetwork('1.1.0', { ip: { ...IPV4_ONLY, gateway: '10.0.0.1' } }));
    expect(status).toBe(1);
    expect(stderr).toContain('invalid network configuration; ip.gateway: "10.0.0.1" is outside the subnet');
  });

  test('STATUS is the node that can serve, and the one that cannot', () => {
    expect(tool('status', writeNetwork('1.1.0'))).toMatchObject({ status: 0 });
    const { status, stderr } = tool('status', writeNetwork('1.1.0', { interfaceArgs: { master: 'missing0' } }));
    expect(status).toBe(1);
    expect(stderr).toContain('parent interface missing0 does not exist');
  });

  test('GC removes what libcni has in its books', () => {
    const network = writeNetwork('1.1.0');
    const before = networkState(pod.namespace);
    expect(tool('add', network).status).toBe(0);
    expect(tool('gc', network)).toMatchObject({ status: 0 });
    expect(networkState(pod.namespace)).toEqual(before);
    expect(storedAttachments(network)).toEqual([]);
  });
});

describeOnKernel('under podman', ['ip', 'nft', 'nsenter', 'podman', 'runc', BUSYBOX, `${DEBIAN_PLUGINS}/ptp`], () => {
  /** The pod's primary interface, as any CNI plugin may make it. */
  function writePrimaryNetwork(): string {
    const name = lab.unique('primary');
    const ipam = {
      type: 'host-local',
      dataDir: join(folder, 'ipam'),
      subnet: '10.99.0.0/24',
      routes: [{ dst: '0.0.0.0/0' }],
    };
    const plugins = [{ type: 'ptp', ipam }];
    writeFileSync(join(folder, `${name}.conflist`), JSON.stringify({ cniVersion: '1.0.0', name, plugins }));
    return name;
  }

  beforeEach(() => {
    const rootfs = join(folder, 'rootfs');
    for (const name of ['bin', 'proc', 'sys', 'dev', 'run', 'etc', 'tmp'])
      mkdirSync(join(rootfs, name), { recursive: true });
    copyFileSync(BUSYBOX, join(rootfs, 'bin/busybox'));
    for (const name of ['sh', 'ip', 'cat', 'sleep']) symlinkSync('busybox', join(rootfs, 'bin', name));
    const lines = [
      '[network]',
      'network_backend = "cni"',
      `network_config_dir = "${folder}"`,
      `cni_plugin_dirs = ["${dirname(PLUGIN)}", "${DEBIAN_PLUGINS}"]`,
      '[engine]',
      'events_logger = "none"',
    ];
    writeFileSync(join(folder, 'containers.conf'), lines.join('\n'));
  });

  /**
   * A container's life in the node's network namespace, with everything of podman in the test's folder. By nsenter,
   * because `ip netns exec` hides the cgroups; and the router is connected after the start, because podman calls for
   * the networks of a start in any order.
   */
  function containerLife(primary: string, connect: string, look: string): Outcome {
    const folders = `--root ${folder}/root --runroot ${folder}/runroot --tmpdir ${folder}/podman`;
    const podman = `podman ${folders} --storage-driver vfs --cgroup-manager=cgroupfs --runtime runc`;
    const limits = '--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --log-driver none';
    const script = `
      trap '${podman} rm --force --time 0 it >&2' EXIT
      ${podman} run --detach --name it ${limits} --network ${primary} --rootfs ${folder}/rootfs /bin/sleep 60 >&2
      ${podman} network connect ${connect} it
      ${podman} exec it /bin/sh -c '${look}'`;
    const env = { ...process.env, CONTAINERS_CONF: `${folder}/containers.conf` };
    const words = [`--net=${lab.node.namespace.path}`, 'sh', '-ec', script];
    return spawnSync('nsenter', words, { env, encoding: 'utf8' });
  }

  test('a container has the router while it runs, and nothing of it stays', () => {
    const [primary, router] = [writePrimaryNetwork(), writeNetwork('1.0.0')];
    const before = networkState(lab.node.namespace).links;
    const look = 'ip addr show eth1; ip rule; ip route show table 100; cat /proc/sys/net/ipv4/ip_forward';
    const stdout = succeeded(containerLife(primary, `--mac-address ${GIVEN_MAC} ${router}`, look));
    expect(stdout).toContain('inet 192.168.12.99/24');
    expect(stdout).toContain(`link/ether ${GIVEN_MAC}`);
    expect(stdout).toMatch(/iif eth0 lookup 100/);
    expect(stdout).toContain('default via 192.168.12.1 dev eth1');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1');
    expect(storedAttachments(router)).toEqual([]);
    expect(networkState(lab.node.namespace).links).toEqual(before);
  });

  test("podman shows the plugin's reason when a container cannot have its router", () => {
    const router = writeNetwork('1.0.0', { interfaceArgs: { master: 'missing0' } });
    const { status, stderr } = containerLife(writePrimaryNetwork(), router, 'true');
    expect(status).not.toBe(0);
    expect(stderr).toContain('parent interface missing0 does not exist on this node');
    expect(storedAttachments(router)).toEqual([]);
  });
});
