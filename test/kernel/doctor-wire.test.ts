import { startEcho } from './lab/echo';
import { RESERVED } from './lab/layout';
import { DUAL_STACK, IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import type { Scene } from './lab/scene';
import { fromNode, fromPod, idsOf, LONGEST_SECONDS, type Report, timings, workingRouter } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

const TOOLS = ['ip', 'nft', 'setpriv', 'bridge', 'bash'];

const FAMILIES = [
  {
    family: 'IPv4',
    ip: IPV4_ONLY,
    reserved: RESERVED.ipv4,
    gateway: '192.168.12.1',
    server: '203.0.113.26',
    mac: /^e2:65:c0:a8:0c:63$/,
  },
  {
    family: 'IPv6',
    ip: IPV6_ONLY,
    reserved: RESERVED.ipv6,
    gateway: 'fe80::1',
    server: '2001:db8:113::26',
    mac: /^f2(:[0-9a-f]{2}){5}$/,
  },
] as const;

/** Base chains of a table of their own, by `nft`. */
function filter(namespace: Scene['server'], family: string, hook: string, rules: readonly string[]): void {
  namespace.run('nft', `add table ${family} broken`);
  namespace.run('nft', `add chain ${family} broken rules { type filter ${hook} ; }`);
  for (const rule of rules) namespace.run('nft', `add rule ${family} broken rules ${rule}`);
}

const onServer =
  (rule: string) =>
  ({ server }: Scene) =>
    filter(server, 'inet', 'hook input priority 0', [rule]);

const macOf = ({ router }: Scene) =>
  router.namespace.ip<{ readonly address: string }>('link', 'show', 'dev', 'net1')[0]!.address;
const macOfNode = ({ node }: Scene) => node.host.mac;

/**
 * The gateway is met again and again, by its own questions: with the settings of a health port the kernel soon asks
 * back.
 */
const MET = { healthPort: 9180 };

/** Both ways of looking, and what each says. */
async function look(ip: object, change: (scene: Scene) => unknown, more: PluginConfig = {}) {
  const { scene, config } = await workingRouter(ip, more);
  using _ = scene;
  await change(scene);
  return { node: fromNode(scene, config), pod: fromPod(scene, config) };
}

const healthy = { node: [], pod: [] };
const idsOfBoth = ({ node, pod }: { readonly node: Report; readonly pod: Report }) => ({
  node: idsOf(node),
  pod: idsOf(pod),
});

afterAll(() => {
  const lines = timings.map(({ seconds, ids }) => `${seconds.toFixed(2)} s  ${ids.join(', ') || 'healthy'}`);
  console.info(`doctor took, of at most ${LONGEST_SECONDS} s\n${lines.sort().reverse().join('\n')}`);
});

describeOnKernel('doctor on the wire', TOOLS, () => {
  describe.each(FAMILIES)('$family', ({ family, ip, reserved, gateway, server, mac }) => {
    const isIpv4 = family === 'IPv4';
    const [network, icmp] = isIpv4 ? ['ip', 'icmp'] : ['ip6', 'icmpv6'];

    test('port security of the switch: the gateway answers the node and not the router', async () => {
      const found = await look(
        ip,
        (scene) => filter(scene.lab.lan, 'bridge', 'hook prerouting priority 0', [`ether saddr ${macOf(scene)} drop`]),
        MET,
      );
      expect(idsOfBoth(found)).toEqual({ node: ['mac-filtered'], pod: ['gateway-silent'] });
      const [{ problem, commands }] = found.node.findings as [Report['findings'][number]];
      expect(problem).toMatch(
        new RegExp(`^${gateway} \\(.*\\) answers the MAC address of lan0 .*, and not that of net1`),
      );
      const [, given] =
        /^openstack port set --allowed-address ip-address=.*,mac-address=(\S+) PORT/.exec(commands[0]!) ?? [];
      expect(given).toMatch(mac);
      expect(commands[0]).toContain(`ip-address=${reserved},`);
    });

    test('a filter on the port itself, which knows one MAC only', async () => {
      const found = await look(
        ip,
        (scene) =>
          filter(scene.lab.lan, 'netdev', `hook ingress device ${portOfNode(scene)} priority 0`, [
            `ether saddr != ${macOfNode(scene)} drop`,
          ]),
        MET,
      );
      expect(idsOfBoth(found)).toEqual({ node: ['mac-filtered'], pod: ['gateway-silent'] });
    });

    test('a platform that delivers nothing to another MAC', async () => {
      const found = await look(
        ip,
        (scene) => filter(scene.lab.lan, 'bridge', 'hook forward priority 0', [`ether daddr ${macOf(scene)} drop`]),
        MET,
      );
      expect(idsOfBoth(found)).toEqual({ node: ['mac-filtered'], pod: ['gateway-silent'] });
    });

    test('beside it: a filter that knows both MACs', async () => {
      const found = await look(ip, (scene) =>
        filter(scene.lab.lan, 'netdev', `hook ingress device ${portOfNode(scene)} priority 0`, [
          `ether saddr != { ${macOfNode(scene)}, ${macOf(scene)} } drop`,
        ]),
      );
      expect(idsOfBoth(found)).toEqual(healthy);
    });

    test('the gateway is silent for everyone', async () => {
      const found = await look(ip, ({ lab }) => lab.gateway.namespace.batch('link set lan0 down'));
      expect(idsOfBoth(found)).toEqual({ node: ['gateway-silent'], pod: ['gateway-silent'] });
      expect(found.node.findings[0]!.problem).toContain(`The gateway ${gateway} does not answer`);
    });

    test('beside it: a gateway that ignores who has no address yet', async () => {
      const found = await look(ip, ({ lab }) =>
        isIpv4
          ? filter(lab.gateway.namespace, 'arp', 'hook input priority 0', ['arp saddr ip 0.0.0.0 drop'])
          : filter(lab.gateway.namespace, 'ip6', 'hook input priority 0', ['ip6 saddr :: drop']),
      );
      expect(idsOfBoth(found)).toEqual(healthy);
    });

    test('the node itself is the gateway, which a macvlan interface does not reach', async () => {
      const own = isIpv4 ? '192.168.12.1/32' : '2001:db8:12::1/128';
      const byNode = { ...ip, gateway: own.split('/')[0]! };
      const found = await look(byNode, ({ lab, node }) => {
        lab.gateway.namespace.batch(`addr del ${own.replace(/\/.*/, isIpv4 ? '/24' : '/64')} dev lan0`);
        node.namespace.batch(`addr add ${own} dev lan0`);
      });
      expect(idsOfBoth(found)).toEqual({ node: ['gateway-silent'], pod: ['gateway-silent'] });
      expect(found.node.findings[0]!.explanation).toMatch(/^The node itself has /);
    });

    test('another host has the address: its MAC and its maker', async () => {
      const found = await look(ip, ({ lab }) => {
        const other = lab.host('other', { ipv4: '192.168.12.60/24', ipv6: '2001:db8:12::60/64' });
        other.namespace.batch('link set lan0 address 52:54:00:10:00:01', `addr add ${reserved} dev lan0`);
      });
      expect(idsOf(found.node)).toEqual(['conflict']);
      expect(found.node.findings[0]!.problem).toContain(`${reserved}: 52:54:00:10:00:01 (QEMU/KVM)`);
      expect(found.pod.notExamined).toContainEqual(expect.objectContaining({ needs: 'NET_RAW' }));
      expect(idsOf(found.pod)).not.toContain('conflict');
    });

    test('the same router on another node, with the same MAC', async () => {
      const found = await look(ip, async (scene) => {
        const second = scene.lab.addNode('node2', { ipv4: '192.168.12.12/24', ipv6: '2001:db8:12::12/64' });
        const pod = second.addPod('second', { ipv4: '10.244.2.5', ipv6: 'fd00:10:244:2::5' });
        await pod.add(scene.config(ip));
      });
      expect(idsOf(found.node)).toEqual(['conflict']);
      expect(found.node.findings[0]!.problem).toContain(
        `${reserved}: ${isIpv4 ? 'e2:65:c0:a8:0c:63 (an egress router of this library)' : 'f2:'}`,
      );
    });

    test('the node itself has the address', async () => {
      const bits = isIpv4 ? '32' : '128';
      const found = await look(ip, ({ node }) => node.namespace.batch(`addr add ${reserved}/${bits} dev lan0`));
      expect(idsOf(found.node)).toEqual(['conflict']);
      expect(found.node.findings[0]!.commands).toEqual([
        `ip address delete ${reserved}/${bits} dev lan0   # on the node`,
      ]);
    });

    test('beside it: a switch that sends back what the node sends', async () => {
      const found = await look(ip, (scene) =>
        scene.lab.lan.run('bridge', 'link', 'set', 'dev', portOfNode(scene), 'hairpin', 'on'),
      );
      expect(idsOfBoth(found)).toEqual(healthy);
      expect(found.node.notExamined.map(({ what }) => what)).toEqual([
        'another holder of the address with the same MAC address',
      ]);
    });

    test.each([
      ['a reset', 'reject with tcp reset', 'does not listen'],
      ['that the port cannot be reached', `reject with ${icmp} port-unreachable`, 'does not listen'],
    ])('a server answers with %s', async (_what, verdict, explanation) => {
      const found = await look(ip, onServer(`${network} daddr ${server} tcp dport 443 ${verdict}`));
      expect(idsOf(found.node)).toEqual(['destination-refuses']);
      expect(found.node.findings[0]!.explanation).toContain(explanation);
    });

    test('a firewall says that it is forbidden', async () => {
      const found = await look(
        ip,
        onServer(`${network} daddr ${server} tcp dport 443 reject with ${icmp} admin-prohibited`),
      );
      expect(idsOf(found.node)).toEqual([isIpv4 ? 'destination-silent' : 'destination-refuses']);
      expect(found.node.findings[0]!.explanation).toContain('ICMP');
    });

    test('a server is silent, though packets leave', async () => {
      const found = await look(ip, onServer(`${network} daddr ${server} tcp dport 443 counter drop`));
      expect(idsOf(found.node)).toEqual(['destination-silent']);
      expect(found.node.findings[0]!.problem).toContain(`:443 does not answer ${reserved}, though the gateway does.`);
    });

    test('a server that no rule leads to is not blamed: the table drops the probe', async () => {
      const { scene, config } = await workingRouter(ip);
      using _ = scene;
      // The server listens on port 443, but the rules lead to it by other addresses.
      const other = server.replace(/26$/, '27');
      const asked = isIpv4 ? `${other}:443` : `[${other}]:443`;
      await startEcho(scene.server, `tcp ${other} 443`);
      const flag = `--destination=${asked}`;
      expect(fromNode(scene, config, flag).findings).toMatchObject([
        {
          id: 'destination-silent',
          problem: `${asked} is not the destination of a TCP rule, so the router's own table drops the probe.`,
          explanation: expect.stringMatching(/^This says nothing about the server: .* \(chain output\)\./),
          commands: [expect.stringMatching(`^nft list set inet egress_router own${isIpv4 ? 4 : 6} `)],
        },
      ]);
      // Beside it: the same server by the address of the rule.
      expect(fromNode(scene, config, `--destination=${asked.replace('27', '26')}`).findings).toEqual([]);
    });

    test('beside it: each first packet of a connection is lost', async () => {
      const found = await look(ip, ({ server: host }) => {
        host.run('nft', `add table inet broken`);
        host.run('nft', `add set inet broken seen { typeof ${network} saddr . tcp sport ; flags dynamic ; }`);
        host.run('nft', 'add chain inet broken rules { type filter hook input priority 0 ; }');
        const again = `tcp flags syn ${network} saddr . tcp sport @seen accept`;
        const first = `tcp flags syn add @seen { ${network} saddr . tcp sport } drop`;
        for (const rule of [again, first]) host.run('nft', `add rule inet broken rules ${rule}`);
      });
      expect(idsOf(found.node)).toEqual([]);
    });

    test('a network on the way takes small packets only', async () => {
      const found = await look(ip, ({ lab }) => lab.gateway.namespace.batch('link set wan0 mtu 1300'));
      expect(idsOf(found.node)).toEqual(['path-mtu']);
      expect(found.node.findings[0]!.problem).toBe(
        `The path to ${server} has an MTU of 1300 bytes, but net1 sends up to 1500.`,
      );
      expect(found.node.findings[0]!.commands).toEqual([
        `traceroute --mtu -n ${server}   # on another host of the LAN`,
      ]);
    });

    test('and no ICMP message reports it', async () => {
      const found = await look(ip, ({ lab }) => {
        lab.gateway.namespace.batch('link set wan0 mtu 1300');
        const message = isIpv4 ? 'icmp code frag-needed' : 'icmpv6 type packet-too-big';
        filter(lab.gateway.namespace, 'inet', 'hook output priority 0', [`${message} drop`]);
      });
      expect(idsOf(found.node)).toEqual(['path-mtu']);
      expect(found.node.findings[0]!.problem).toBe(
        `Packets of 1500 bytes to ${server} are lost, but small ones arrive.`,
      );
    });

    test('beside it: a server that answers few datagrams a second', async () => {
      const answer = isIpv4 ? 'icmp code port-unreachable' : 'icmpv6 code port-unreachable';
      const found = await look(ip, ({ server: host }) =>
        filter(host, 'inet', 'hook output priority 0', [`${answer} limit rate over 1/second burst 2 packets drop`]),
      );
      expect(idsOf(found.node)).toEqual([]);
    });
  });

  test('the VLAN is another one: hosts of other subnets are heard, but none of this one', async () => {
    const ip = {
      addresses: ['198.51.100.9/24', '2001:db8:51::9/64'],
      gateways: ['198.51.100.1', '2001:db8:51::1'],
      destinations: ['80 TCP 203.0.113.26', '80 TCP 2001:db8:113::26'],
    };
    const found = await look(ip, ({ node }) => {
      // The node has met its own gateway, as nodes have.
      for (const host of ['192.168.12.1', '2001:db8:12::1'])
        node.namespace.run('bash', '-c', `echo > /dev/udp/${host}/9`);
    });
    expect(idsOf(found.node)).toEqual(['wrong-subnet', 'wrong-subnet']);
  });

  test('port security drops both families of a router: one finding, with one command for both', async () => {
    const found = await look(
      DUAL_STACK,
      (scene) => filter(scene.lab.lan, 'bridge', 'hook prerouting priority 0', [`ether saddr ${macOf(scene)} drop`]),
      MET,
    );
    expect(idsOf(found.node)).toEqual(['mac-filtered']);
    const [{ problem, commands }] = found.node.findings as [Report['findings'][number]];
    expect(problem).toMatch(/^192\.168\.12\.1 \(.*\) and fe80::1 \(.*\) answer the MAC address of lan0 /);
    for (const { ipv4, ipv6 } of [RESERVED]) {
      expect(commands[0]!.match(/--allowed-address ip-address=[^,]+/g)).toEqual(
        [ipv4, ipv6].map((address) => `--allowed-address ip-address=${address}`),
      );
    }
  });

  test.each(FAMILIES)(
    'an $family gateway died a moment ago, and no health port makes the kernel ask anew',
    async ({ ip, gateway }) => {
      const { scene, config } = await workingRouter(ip);
      using _ = scene;
      // The kernel learns that it is there.
      expect(idsOf(fromPod(scene, config))).toEqual([]);
      expect(fromPod(scene, config).notExamined).toContainEqual({
        what: `whether ${gateway} still answers: it has, within the last 43 s`,
        needs: 'NET_RAW, or the node',
      });
      scene.lab.gateway.namespace.batch('link set lan0 down');
      const found = fromNode(scene, config);
      expect(idsOf(found)).toEqual(['gateway-silent']);
    },
  );

  test('many destinations that are silent are one finding, and what is too much is named', async () => {
    const destinations = Array.from(
      { length: 70 },
      (_, index) => `${1000 + index} TCP 203.0.113.${101 + (index % 12)} 80`,
    );
    const found = await look({ ...IPV4_ONLY, destinations }, ({ lab }) =>
      filter(lab.gateway.namespace, 'ip', 'hook forward priority 0', ['ip daddr 203.0.113.0/24 drop']),
    );
    expect(idsOf(found.node)).toEqual(['destination-silent']);
    const [{ problem, details }] = found.node.findings as [Report['findings'][number]];
    expect(problem).toBe(`12 of 12 destinations do not answer ${RESERVED.ipv4}, though the gateway does.`);
    expect(details).toHaveLength(12);
    expect(found.node.notExamined).toContainEqual({
      what: 'the path MTU to 4 further addresses',
      needs: '--destination=IP:PORT',
    });
  });

  test('no interface becomes promiscuous during the examination', async () => {
    const { scene, config } = await workingRouter(DUAL_STACK);
    using _ = scene;
    const { node, router } = scene;
    const monitors = [node.namespace, router.namespace].map((namespace) => {
      const text: string[] = [];
      const child = namespace.start(['ip', '-details', 'monitor', 'link'], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout!.setEncoding('utf8').on('data', (part: string) => text.push(part));
      return { text, child };
    });
    expect(idsOf(fromNode(scene, config))).toEqual([]);
    // What there is to see is seen, up to the last change.
    router.namespace.batch('link set net1 promisc on', 'link set net1 promisc off', 'link set net1 alias looked');
    node.namespace.batch('link set lan0 alias looked');
    await eventually(() => {
      for (const { text } of monitors) expect(text.join('')).toContain('alias looked');
    });
    for (const { child } of monitors) child.kill('SIGKILL');
    const seen = monitors.map(({ text }) => (text.join('').match(/PROMISC/g) ?? []).length);
    expect(seen[0]).toBe(0);
    expect(seen[1]).toBeLessThanOrEqual(2);
    expect(seen[1]).toBeGreaterThan(0);
  });
});

/** The switch's port to the node. */
function portOfNode({ lab, node }: Scene): string {
  const index = node.namespace.ip<{ readonly link_index: number }>('link', 'show', 'dev', 'lan0')[0]!.link_index;
  const ports = lab.lan.ip<{ readonly ifindex: number; readonly ifname: string }>('link', 'show');
  return ports.find(({ ifindex }) => ifindex === index)!.ifname;
}
