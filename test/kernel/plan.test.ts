import { spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { takeInventory } from '../../cli/input/inventory';
import { routerScript } from '../../cli/plan/router-script';
import { encodeNetworkConfig, type NetworkConfig } from '../../src/domain/router/network-config';
import { fixture } from '../cli/manifests';
import { networkConfig } from '../support/arbitrary-network-config';
import { EXAMPLES, synthesizeExamples } from '../support/example';
import { blocksOf } from '../support/markdown';
import { Namespace } from './lab/namespace';
import { type Command, callPlugin, type PluginConfig } from './lab/plugin';
import { forgetAttachments, type NetworkState, networkState } from './lab/state';
import { describeOnKernel, PLUGIN } from './support/requires';

const ETH0 = cable('eth0', '02:00:5e:00:00:01');
const LAN0 = cable('lan0', '02:00:5e:00:00:02');
/** A parent that the node does not need, as passthru mode wants it. */
const LAN1 = cable('lan1', '02:00:5e:00:00:03');

/** An interface that leads nowhere: its other end is in the same namespace. */
function cable(name: string, mac: string): readonly string[] {
  const end = `${name}end`;
  const made = `link add ${name} address ${mac} mtu 9000 type veth peer name ${end} address 02:00:5e:00:00:99 mtu 9000`;
  return [made, `link set ${end} up`, `link set ${name} up`];
}

/** A node's namespace with a parent interface, a pod's, and one that has both interfaces for the commands. */
class Bench implements Disposable {
  private readonly name = `plan${randomBytes(3).toString('hex')}`;
  private readonly node = Namespace.create(`${this.name}-node`);
  private pod = this.emptyPod('pod');
  private hand = this.emptyPod('hand');

  public constructor() {
    this.node.batch(...LAN0, ...LAN1, 'address add 192.0.2.2/24 dev lan0', 'route add default via 192.0.2.1');
  }

  /** What ADD makes; nothing when it refuses. */
  public async byPlugin(config: PluginConfig): Promise<NetworkState | string> {
    const own = { ...config, name: this.name, detectConflicts: false };
    const answer = await this.call('ADD', own);
    if (answer.status !== 0) return answer.stdout;
    const state = stateOf(this.pod);
    await this.call('DEL', own);
    this.pod = this.anew(this.pod, 'pod');
    return state;
  }

  /** What the printed commands make, by `sh`. */
  public byCommands(script: string, parent = 'lan0'): NetworkState {
    this.run(script, parent);
    const state = stateOf(this.hand);
    this.hand = this.anew(this.hand, 'hand');
    return state;
  }

  /** @returns what commands print */
  public run(script: string, parent = 'lan0'): string {
    this.hand.batch(...LAN0, ...LAN1);
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.hand.name, 'sh'], {
      input: script,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, PARENT: parent },
    });
    if (status !== 0) throw new Error(`${stderr}\n${script}`);
    return stdout;
  }

  private call(command: Command, config: PluginConfig) {
    const { path: netns } = this.pod;
    return callPlugin(this.node, { command, containerId: 'plan', netns, ifname: 'net1', config });
  }

  private anew(namespace: Namespace, role: string): Namespace {
    namespace[Symbol.dispose]();
    return this.emptyPod(role);
  }

  private emptyPod(role: string): Namespace {
    const namespace = Namespace.create(`${this.name}-${role}`, { 'ipv6/conf/all/accept_dad': '0' });
    namespace.batch(...ETH0, 'address add 10.244.0.2/24 dev eth0', 'route add default via 10.244.0.1');
    return namespace;
  }

  public [Symbol.dispose](): void {
    for (const namespace of [this.node, this.pod, this.hand]) namespace[Symbol.dispose]();
    forgetAttachments(this.name);
  }
}

/** Without the parent interfaces, which one of the two has. */
function stateOf(namespace: Namespace): NetworkState {
  const state = networkState(namespace);
  const withoutParent = (lines: readonly string[]) => lines.filter((line) => !/\blan[01]/.test(line));
  return Object.fromEntries(
    Object.entries(state).map(([kind, lines]) => [kind, withoutParent(lines as string[])]),
  ) as unknown as NetworkState;
}

/** `plan`, by its real command line. */
function planned(input: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(PLUGIN, ['plan', '-', ...args], {
    input,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Such that it fits the bench: its interfaces, and no more than its MTU. */
function fitting(config: NetworkConfig): PluginConfig {
  const { macvlan, options } = config;
  const { master, mtu, ...others } = macvlan;
  const isPassthru = macvlan.mode === 'passthru';
  const { primaryInterface: _, ...otherOptions } = options;
  return encodeNetworkConfig({
    ...config,
    options: otherOptions,
    // The parent gets it: one that follows from the address is refused.
    ...(isPassthru ? { macAddress: '02:00:5e:10:00:05' } : {}),
    macvlan: {
      ...others,
      ...(isPassthru ? { master: 'lan1' } : master === undefined ? {} : { master: 'lan0' }),
      ...(mtu === undefined ? {} : { mtu: Math.min(mtu, 9000) }),
    },
  });
}

const RUNS = process.env.EGRESS_ROUTER_FULL ? 500 : 50;

describeOnKernel('the commands of plan', ['ip', 'nft', 'sysctl', 'unshare'], () => {
  let bench: Bench;
  let folder: string;
  beforeEach(() => {
    bench = new Bench();
    folder = mkdtempSync(join(tmpdir(), 'plan-'));
  });
  afterEach(() => {
    bench[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  test.each(EXAMPLES.filter((name) => name !== 'plugin'))(
    'make the same as ADD for each router of examples/%s',
    async (name) => {
      const [yaml] = synthesizeExamples([name]) as [string];
      const { routers } = takeInventory([{ name, text: yaml }]);
      expect(routers.length).toBeGreaterThan(0);
      // A fleet's routers differ in their numbers.
      for (const { name: router, config } of routers.slice(0, 10)) {
        const { master: _, ...macvlan } = config.macvlan;
        const byPlugin = await bench.byPlugin(encodeNetworkConfig({ ...config, macvlan }));
        const script = planned(yaml, `--router=${router}`);
        expect({ router, state: bench.byCommands(script) }).toEqual({ router, state: byPlugin });
      }
    },
    300_000,
  );

  test('can be tried as the head of the script says, with only root', () => {
    const script = planned(fixture('standalone'));
    const file = join(folder, 'partner.sh');
    writeFileSync(file, script);
    const [, recipe] = /^#\s+(unshare .+)$/m.exec(script)!;
    const documented = blocksOf('docs/plan.md')
      .find(({ text }) => text.startsWith('unshare'))!
      .text.trim();
    expect(documented).toBe(recipe!.replace('FILE', 'partner.sh'));
    const words = ['-c', recipe!.replace('FILE', file)];
    const env = { PATH: process.env.PATH };
    const shell = spawnSync('sh', words, {
      input: 'ip rule; nft list tables; ip -brief address',
      encoding: 'utf8',
      env,
    });
    expect(shell).toMatchObject({ status: 0, stderr: '' });
    expect(shell.stdout).toMatch(/iif eth0 lookup 100.*table inet egress_router.*net1@lan0 .*192\.168\.12\.99\/24/s);
    // Without the variable it does nothing, and says what is missing.
    const without = spawnSync('sh', [file], { encoding: 'utf8', env });
    expect(without.status).not.toBe(0);
    expect(without.stderr).toMatch(/PARENT: set it to the interface of the node's default route/);
  });

  test('take the link up without an IPv6 address, which would ask the LAN before the settings are written', () => {
    const script = routerScript(takeInventory([{ name: 'standalone', text: fixture('standalone') }]).routers[0]!);
    const up = 'ip link set net1 up\n';
    const untilUp = script.slice(0, script.indexOf(up) + up.length);
    expect(untilUp).toMatch(/\nip link set net1 up\n$/);
    const answer = bench.run(`${untilUp}ip -oneline -6 address show dev net1\nip -oneline link show dev net1`);
    expect(answer).toMatch(/net1@lan0: <\S*\bUP\b/);
    expect(answer).not.toMatch(/inet6/);
  });

  test('make the same as ADD in passthru mode, in which the interface begins with the MAC address of its parent', async () => {
    const [router] = takeInventory([{ name: 'standalone', text: fixture('standalone') }]).routers;
    const given = encodeNetworkConfig({
      ...router!.config,
      macAddress: '02:00:5e:10:00:05',
      macvlan: { mode: 'passthru', master: 'lan1' },
    });
    const byPlugin = await bench.byPlugin(given);
    expect(byPlugin).toMatchObject({ links: expect.arrayContaining([expect.stringContaining('02:00:5e:10:00:05')]) });
    const script = planned(JSON.stringify(given));
    expect(bench.byCommands(script, 'lan1')).toEqual(byPlugin);
  });

  test(`make the same as ADD for ${RUNS} random configurations`, async () => {
    const seed = randomInt(2 ** 31);
    const refused: string[] = [];
    for (const [index, config] of fc.sample(networkConfig, { numRuns: RUNS, seed }).entries()) {
      const given = fitting(config);
      const byPlugin = await bench.byPlugin(given);
      if (typeof byPlugin === 'string') {
        refused.push(byPlugin);
        continue;
      }
      const { routers } = takeInventory([{ name: 'random', text: JSON.stringify(given) }]);
      const state = bench.byCommands(routerScript(routers[0]!), routers[0]!.config.macvlan.master);
      expect({ seed, index, given, state }).toEqual({ seed, index, given, state: byPlugin });
    }
    // An address of the pod's or the node's own.
    expect(refused.filter((answer) => !/"code": 1\d\d/.test(answer))).toEqual([]);
    expect(refused.length).toBeLessThan(RUNS / 2);
  }, 3_600_000);
});
