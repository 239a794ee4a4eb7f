/**
 * Which ways of admitting a router pass through a real OVN, on two nodes: Neutron with ML2/OVN writes the northbound
 * database, northd and the chassis judge the frames. The table of docs/cloud.md says what is measured here.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { create as addPair } from '../../../cloud/openstack/pair-operations';
import {
  type PortSecurityState,
  create as switchOff,
  remove as switchOn,
} from '../../../cloud/openstack/port-security-operations';
import { Namespace } from '../../kernel/lab/namespace';
import { missingOpenStack, unpackedFolder } from '../server/openstack';
import { type Chassis, Fabric, type Machine } from './fabric';
import { type OvnNeutron, startOvnNeutron } from './ovn-neutron';

const IP = '192.168.12.99';
const MAC = 'e2:65:c0:a8:0c:63';
const VRRP_MAC = '00:00:5e:00:01:63';
const HOSTS: readonly Chassis[] = ['hv1', 'hv2'];

interface OvnPort {
  readonly id: string;
  readonly mac_address: string;
  readonly security_groups: readonly string[];
  readonly port_security_enabled: boolean;
  readonly 'binding:vif_details': object;
}

const missing = missingOpenStack() ?? (process.getuid?.() === 0 ? undefined : 'Network namespaces need root.');
if (missing !== undefined && !process.env.CI) console.warn(`SKIPPED ML2/OVN: ${missing}`);

(missing !== undefined && !process.env.CI ? describe.skip : describe)('ML2/OVN of Neutron 21', () => {
  jest.setTimeout(600_000);
  const before = { ...process.env };
  let fabric: Fabric;
  let neutron: OvnNeutron;
  let networkId: string;
  /** A security group that lets everything in: what is dropped is dropped by port security. */
  let groupId: string;
  let ports: OvnPort[];
  let nodes: Machine[];
  /** A machine behind a port of Neutron, and one on the physical network. */
  let clients: Machine[];

  beforeAll(async () => {
    if (missing !== undefined) throw new Error(missing);
    fabric = await Fabric.start(unpackedFolder());
    neutron = await startOvnNeutron(fabric, unpackedFolder());
    const lan = { name: 'lan', 'provider:network_type': 'flat', 'provider:physical_network': 'phys' };
    networkId = (await post<{ network: { id: string } }>('/networks', { network: lan })).network.id;
    const subnet = {
      network_id: networkId,
      ip_version: 4,
      cidr: '192.168.12.0/24',
      gateway_ip: null,
      enable_dhcp: false,
    };
    await post('/subnets', { subnet });
    const group = { security_group: { name: 'open' } };
    groupId = (await post<{ security_group: { id: string } }>('/security-groups', group)).security_group.id;
    const open = { security_group_id: groupId, direction: 'ingress', ethertype: 'IPv4' };
    await post('/security-group-rules', { security_group_rule: open });
    ports = [await bind('hv1', '192.168.12.11'), await bind('hv2', '192.168.12.12')];
    nodes = [machine('hv1', 0, '192.168.12.11'), machine('hv2', 1, '192.168.12.12')];
    const client = await bind('hv2', '192.168.12.21');
    clients = [
      fabric.addMachine('hv2', { id: client.id, mac: client.mac_address, ip: '192.168.12.21' }),
      fabric.addHost('192.168.12.31'),
    ];
    fabric.sync();
    for (const name of Object.keys(process.env)) if (name.startsWith('OS_')) delete process.env[name];
    Object.assign(process.env, { OS_AUTH_TYPE: 'none', OS_ENDPOINT: neutron.url });
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  });

  afterAll(async () => {
    process.env = before;
    jest.restoreAllMocks();
    await neutron?.stop();
    await fabric?.stop();
  });

  async function post<T>(path: string, body: object): Promise<T> {
    const answer = await neutron.ask<T>('POST', path, body);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async function bind(host: Chassis, ip: string): Promise<OvnPort> {
    const device = { device_owner: 'compute:nova', device_id: ip, 'binding:host_id': host };
    const port = { network_id: networkId, fixed_ips: [{ ip_address: ip }], security_groups: [groupId], ...device };
    const made = (await post<{ port: OvnPort & { 'binding:vif_type': string } }>('/ports', { port })).port;
    if (made['binding:vif_type'] !== 'ovs') throw new Error(`not bound: ${JSON.stringify(made)}`);
    return made;
  }

  const machine = (host: Chassis, index: number, ip: string) =>
    fabric.addMachine(host, { id: ports[index]!.id, mac: ports[index]!.mac_address, ip });

  const portOf = async (index: number) =>
    (await neutron.ask<{ port: OvnPort }>('GET', `/ports/${ports[index]!.id}`)).body.port;

  /** Writes pairs as the installer does. Neutron's SQLite is locked at times, which it answers with 500. */
  async function setPairs(index: number, pairs: object[]): Promise<number> {
    const port = { allowed_address_pairs: pairs };
    for (let left = 5; ; left--) {
      const { status } = await neutron.ask('PUT', `/ports/${ports[index]!.id}`, { port });
      if (status !== 500 || left === 0) return status;
      await sleep(500);
    }
  }

  /** Whether clients reach a router on each node, one after the other: virtual client, then physical one. */
  function reached(mac: string): Record<string, readonly boolean[]> {
    fabric.sync();
    return Object.fromEntries(
      HOSTS.map((host, index) => {
        using router = routerOn(nodes[index]!, mac);
        // The first frames of a router announce it.
        for (const { namespace } of clients) namespace.run('ip', 'neigh', 'flush', 'dev', 'lan0');
        answers(router, '192.168.12.31');
        return [host, clients.map(({ namespace }) => answers(namespace, IP))];
      }),
    );
  }

  /** A pod with a macvlan interface on the node's card. */
  function routerOn({ namespace, index }: Machine, mac: string): Namespace {
    const pod = Namespace.create(`ovn-pod${index}-${process.pid}`);
    namespace.batch(`link add link lan0 name net1 netns ${pod.name} address ${mac} type macvlan mode bridge`);
    pod.batch('link set net1 up', `address add ${IP}/24 dev net1`);
    return pod;
  }

  const answers = (from: Namespace, ip: string) =>
    from.try(['python3', join(__dirname, 'echo_request.py'), ip]).status === 0;

  const NOWHERE = { hv1: [false, false], hv2: [false, false] };
  const EVERYWHERE = { hv1: [true, true], hv2: [true, true] };

  test('port security drops a router that nothing admits', () => {
    expect(reached(MAC)).toEqual(NOWHERE);
  });

  test.each([
    ["the router's MAC address", MAC],
    ['a VRRP MAC address', VRRP_MAC],
  ])('pairs with %s on both nodes: the router is reached on one node at most', async (_what, mac) => {
    for (const index of [0, 1]) {
      expect(await setPairs(index, [{ ip_address: IP, mac_address: mac }])).toBe(200);
    }
    try {
      const found = reached(mac);
      expect([found.hv1!.every(Boolean), found.hv2!.every(Boolean)].filter(Boolean)).toHaveLength(1);
    } finally {
      for (const index of [0, 1]) await setPairs(index, []);
    }
  });

  test('the component rejects such a pair before it writes, because Neutron says that OVN has bound the port', async () => {
    const portId = ports[0]!.id;
    await expect(addPair({ portId, ipAddress: IP, macAddress: MAC })).rejects.toThrow(
      'is ML2/OVN (binding:vif_details)',
    );
    expect((await portOf(0))['binding:vif_details']).toMatchObject({ bound_drivers: { '0': 'ovn' } });
  });

  test('without port security the router is reached on both nodes, until destroy restores the security groups', async () => {
    const states: PortSecurityState[] = [];
    for (const { id } of ports) states.push((await switchOff({ portId: id })).outs as PortSecurityState);
    expect(reached(MAC)).toEqual(EVERYWHERE);

    // The process of another deployment, which declares nothing.
    for (const state of states) await switchOn(state);
    expect(await portOf(0)).toMatchObject({ port_security_enabled: true, security_groups: ports[0]!.security_groups });
    expect(reached(MAC)).toEqual(NOWHERE);
  });

  test('a reservation port: with ignore_lsp_down OVN answers for it, and without it the router is reached', async () => {
    const port = { network_id: networkId, fixed_ips: [{ ip_address: IP }], security_groups: [] };
    const { id } = (await post<{ port: OvnPort }>('/ports', { port })).port;
    const states: PortSecurityState[] = [];
    for (const { id: portId } of ports) states.push((await switchOff({ portId })).outs as PortSecurityState);
    fabric.nbctl('set', 'NB_Global', '.', 'options:ignore_lsp_down=true');
    expect(reached(MAC)).toEqual({ hv1: [false, true], hv2: [false, true] });
    fabric.nbctl('set', 'NB_Global', '.', 'options:ignore_lsp_down=false');
    expect(reached(MAC)).toEqual(EVERYWHERE);
    for (const state of states) await switchOn(state);
    await neutron.ask('DELETE', `/ports/${id}`);
  });
});
