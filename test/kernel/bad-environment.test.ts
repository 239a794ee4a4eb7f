import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DUAL_STACK } from './lab/network-config';
import type { Call } from './lab/plugin';
import { Scene } from './lab/scene';
import { networkState, storedAttachments } from './lab/state';
import { describeOnKernel } from './support/requires';

/** A node or a pod on which ADD cannot work, and what the error says of it. */
interface Case {
  readonly what: string;
  readonly prepare?: (scene: Scene) => void;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly call?: (scene: Scene) => Partial<Call>;
  readonly code: number;
  readonly says: RegExp;
}

const on = (master: string, more: object = {}) => ({ interfaceArgs: { master, ...more } });

const PARENT: readonly Case[] = [
  { what: 'no such parent interface', config: on('nic7'), code: 103, says: /parent interface nic7 does not exist/ },
  {
    what: 'no parent given, and no default route on the node',
    prepare: ({ node }) => node.namespace.batch('route del default', 'route del default via fe80::1 dev lan0'),
    config: { interfaceArgs: {} },
    code: 103,
    says: /interfaceArgs\.master is not set, and the node has no default route/,
  },
  {
    what: 'parent is down',
    prepare: ({ node }) => {
      node.addSpareInterface('spare0');
      node.namespace.batch('link set spare0 down');
    },
    config: on('spare0'),
    code: 103,
    says: /parent interface spare0 is down/,
  },
  {
    what: 'parent without carrier',
    prepare: ({ node }) => node.namespace.batch('link add spare0 type veth peer name end0', 'link set spare0 up'),
    config: on('spare0'),
    code: 103,
    says: /parent interface spare0 has no carrier/,
  },
  {
    what: 'parent is a port of a bridge',
    prepare: ({ node }) => {
      node.addSpareInterface('spare0');
      node.namespace.batch('link add br1 type bridge', 'link set br1 up', 'link set spare0 master br1');
    },
    config: on('spare0'),
    code: 103,
    says: /parent interface spare0 belongs to bridge br1/,
  },
  {
    what: 'parent is not Ethernet',
    config: on('lo'),
    code: 103,
    says: /parent interface lo is not an Ethernet interface/,
  },
  {
    what: 'an MTU above the parent has',
    config: on('lan0', { mtu: 9000 }),
    code: 103,
    says: /parent interface lan0 has an MTU of 1500 bytes, less than .*9000/,
  },
  {
    what: "passthru on the interface with the node's address",
    config: { mac: '02:00:5e:10:00:01', ...on('lan0', { mode: 'passthru' }) },
    code: 103,
    says: /lan0 carries the node's address 192\.168\.12\.11/,
  },
  {
    what: 'passthru with a derived MAC',
    prepare: ({ node }) => node.addSpareInterface('spare0'),
    config: on('spare0', { mode: 'passthru' }),
    code: 103,
    says: /derived MAC address.*passthru mode.*set "mac"/,
  },
];

const PIPE = join(tmpdir(), `egress-router-pipe-${process.pid}`);
afterAll(() => rmSync(PIPE, { force: true }));

const POD: readonly Case[] = [
  {
    what: 'no primary interface',
    prepare: ({ router }) => router.namespace.batch('link del eth0'),
    code: 104,
    says: /no default route and no interface eth0/,
  },
  {
    what: 'no such primary interface',
    config: { primaryInterface: 'ovn0' },
    code: 104,
    says: /primaryInterface: "ovn0" is not an interface of the pod; accepted: /,
  },
  {
    what: 'net1 is the primary interface',
    call: () => ({ ifname: 'eth0' }),
    code: 104,
    says: /CNI_IFNAME: "eth0" is the pod's primary interface; accepted: another name, such as net1/,
  },
  {
    what: 'net1 exists already',
    prepare: ({ router }) => router.namespace.batch('link add net1 type veth peer name other'),
    code: 107,
    says: /"net1" is an interface of the pod already; accepted: /,
  },
  {
    what: 'a reserved address that is an address of the pod',
    prepare: ({ router }) => router.namespace.batch('addr add 192.168.12.99/32 dev eth0'),
    code: 102,
    says: /"192\.168\.12\.99" is an address of the pod itself; accepted: /,
  },
  {
    what: 'a namespace path that does not exist',
    call: () => ({ netns: '/var/run/netns/er-no-such' }),
    code: 108,
    says: /\/var\/run\/netns\/er-no-such/,
  },
  { what: 'a namespace path that is a file', call: () => ({ netns: '/etc/passwd' }), code: 108, says: /\/etc\/passwd/ },
  {
    what: 'a namespace of another kind',
    call: () => ({ netns: '/proc/self/ns/mnt' }),
    code: 108,
    says: /\/proc\/self\/ns\/mnt/,
  },
  {
    what: "the node's own namespace",
    call: ({ node }) => ({ netns: node.namespace.path }),
    code: 108,
    says: /node/,
  },
  {
    what: 'no CAP_NET_ADMIN',
    call: () => ({ wrapper: ['setpriv', '--bounding-set', '-net_admin', '--inh-caps', '-net_admin'] }),
    code: 105,
    says: /CAP_NET_ADMIN/,
  },
  {
    what: 'no CAP_SYS_ADMIN',
    call: () => ({ wrapper: ['setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin'] }),
    code: 105,
    says: /CAP_SYS_ADMIN/,
  },
  {
    what: 'a namespace path that is a pipe without a writer',
    prepare: ({ node }) => void node.namespace.run('mkfifo', PIPE),
    call: () => ({ netns: PIPE }),
    code: 108,
    says: /egress-router-pipe/,
  },
  {
    what: 'routes of another program in the routing table',
    prepare: ({ router }) => router.namespace.batch('route add 198.51.100.0/24 dev eth0 table 100'),
    code: 107,
    says: /routing table 100 of the pod already has routes \(198\.51\.100\.0\/24 table 100\)\n.*routingTable/,
  },
];

describeOnKernel('an ADD that cannot work says why, and leaves nothing', ['ip', 'nft', 'setpriv'], () => {
  test.each([...PARENT, ...POD])('$what', async ({ prepare, config, call, code, says }) => {
    using scene = new Scene();
    const { router, node, network } = scene;
    prepare?.(scene);
    const before = [networkState(router.namespace), networkState(node.namespace)];
    const answer = await router.call('ADD', scene.config(DUAL_STACK, config), call?.(scene));
    expect(answer).toMatchObject({ status: 1, json: { cniVersion: '1.1.0', code } });
    expect(`${answer.json.msg}\n${answer.json.details}`).toMatch(says);
    expect([networkState(router.namespace), networkState(node.namespace)]).toEqual(before);
    expect(storedAttachments(network)).toEqual([]);
  });

  test('a second attachment of the plugin in one pod', async () => {
    using scene = new Scene();
    const { router, node, network } = scene;
    const first = scene.config(DUAL_STACK);
    await router.add(first);
    const before = [networkState(router.namespace), networkState(node.namespace)];
    const second = scene.config({
      addresses: ['192.168.12.98/24'],
      gateway: '192.168.12.1',
      destinations: ['1 TCP 203.0.113.26'],
    });
    const answer = await router.call('ADD', second, { ifname: 'net2' });
    expect(answer).toMatchObject({ status: 1, json: { code: 107, msg: expect.stringMatching(/already.*net2/) } });
    // The step that failed, in the log.
    expect(answer.stderr).toContain('could not create the table');
    expect([networkState(router.namespace), networkState(node.namespace)]).toEqual(before);
    expect(storedAttachments(network)).toHaveLength(1);
    await router.del(second, { ifname: 'net2' });
    expect(await router.call('CHECK', first)).toMatchObject({ status: 0 });
    await router.del(first);
  });
});
