import { join } from 'node:path';
import { Capture } from './lab/capture';
import type { Host } from './lab/host';
import { LAN, RESERVED } from './lab/layout';
import type { Namespace } from './lab/namespace';
import { IPV4_ONLY, IPV6_ONLY } from './lab/network-config';
import type { PluginConfig } from './lab/plugin';
import { Scene } from './lab/scene';
import { fromNode } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

const RESPONDER = join(__dirname, 'lab/programs/neighbour-responder.py');
const TOOLS = ['ip', 'nft', 'tcpdump', 'python3', 'bash'];

const FAMILIES = [
  { family: 'ipv4', ip: IPV4_ONLY, gateway: '192.168.12.1', ofNoHost: '192.168.12.0' },
  { family: 'ipv6', ip: IPV6_ONLY, gateway: 'fe80::1', ofNoHost: '2001:db8:12:0:fdff:ffff:ffff:ffff' },
] as const;

const careful = (scene: Scene, ip: object, more: PluginConfig = {}) =>
  scene.config(ip, { detectConflicts: true, conflictWait: 0, ...more });

/** A switch or proxy that answers with a MAC address for an address, or for all. */
async function answerFrom(host: Host, mac: string, wanted: string): Promise<void> {
  const words = ['python3', RESPONDER, host.link, mac, wanted];
  const child = host.namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await eventually(() => expect(output).toBe('ready\n'), 20_000);
}

const macOf = (namespace: Namespace, link: string) =>
  namespace.ip<{ readonly address: string }>('link', 'show', 'dev', link)[0]!.address;

/** Runs ADD once, to learn the derived MAC address. */
async function macOfRouter(scene: Scene, config: PluginConfig): Promise<string> {
  await scene.router.add({ ...config, detectConflicts: false });
  const mac = macOf(scene.router.namespace, 'net1');
  await scene.router.del(config);
  return mac;
}

describeOnKernel('a reserved address that the network answers for', TOOLS, () => {
  test.each(FAMILIES)("$family: ARP suppression answers with the router's own MAC", async ({ family, ip }) => {
    using scene = new Scene();
    const config = careful(scene, ip);
    const mac = await macOfRouter(scene, config);
    await answerFrom(scene.lab.host('switch', LAN.outsider), mac, RESERVED[family]);
    const { json } = await scene.router.call('ADD', config);
    expect(json.msg).toBe(
      `${RESERVED[family]} is held by another host: ${mac} answers, which is this router's own MAC address (seen from parent interface lan0)`,
    );
    expect(json.details).toContain('ARP suppression of EVPN, ACI or OVN');
    expect(json.details).toContain('"detectConflicts": false');
  });

  test.each(FAMILIES)('$family: a proxy answers for every address', async ({ family, ip, ofNoHost }) => {
    using scene = new Scene();
    const proxy = scene.lab.host('proxy', LAN.outsider);
    await answerFrom(proxy, proxy.mac, 'all');
    const { json } = await scene.router.call('ADD', careful(scene, ip));
    expect(json.msg).toContain(
      `${RESERVED[family]} is held by another host: ${proxy.mac} answers, and answers for ${ofNoHost} too`,
    );
    expect(json.details).toContain('switch proxy ARP off for this subnet, or set "detectConflicts": false');
  });

  test.each(FAMILIES)('$family: the gateway itself has the address', async ({ family, ip, gateway }) => {
    using scene = new Scene();
    const { gateway: router } = scene.lab;
    // The node knows its gateway.
    const { namespace } = scene.node;
    const peer = family === 'ipv4' ? gateway : `${gateway}%lan0`;
    namespace.run('bash', '-c', `echo >/dev/udp/${peer}/9`);
    await eventually(() => expect(namespace.run('ip', 'neigh', 'show', gateway, 'dev', 'lan0')).toContain(router.mac));
    const prefix = family === 'ipv4' ? '/24' : '/64 ';
    router.namespace.batch(`addr add ${RESERVED[family]}${prefix} dev lan0${family === 'ipv4' ? '' : ' nodad'}`);
    const { json } = await scene.router.call('ADD', careful(scene, ip));
    expect(json.msg).toContain(`${router.mac} answers, which is the gateway ${gateway} (seen from`);
  });

  test.each(FAMILIES)('$family: a host is a host, asked about with one frame', async ({ family, ip, ofNoHost }) => {
    using scene = new Scene();
    const holder = scene.lab.host('holder', LAN.outsider);
    const nodad = family === 'ipv4' ? '/24 dev lan0' : '/64 dev lan0 nodad';
    holder.namespace.batch(`addr add ${RESERVED[family]}${nodad}`);
    const capture = await Capture.start(holder.namespace, 'lan0', 'arp or icmp6');
    const { json } = await scene.router.call('ADD', careful(scene, ip));
    expect(json.msg).toMatch(/answers \(seen from parent interface lan0\)$/);
    const asked = family === 'ipv4' ? `who-has ${ofNoHost} tell` : `who has ${ofNoHost}`;
    const frames = (await capture.stop()).filter(({ text }) => text.includes(asked));
    expect(frames).toHaveLength(1);
  });

  test('doctor names proxy ARP and the way out', async () => {
    using scene = new Scene();
    const config = scene.config(IPV4_ONLY);
    await scene.router.add(config);
    const proxy = scene.lab.host('proxy', LAN.outsider);
    await answerFrom(proxy, proxy.mac, 'all');
    const found = fromNode(scene, config).findings.find(({ id }) => id === 'conflict');
    expect(found?.problem).toContain(`${proxy.mac} answers on lan0, and answers for 192.168.12.0 too`);
    expect(found?.explanation).toContain('"detectConflicts": false');
  });
});

/** Port security of OVN and ML2/OVS: on the node's switch port, ARP from 0.0.0.0 ends. */
function dropProbes(scene: Scene): void {
  const { lan } = scene.lab;
  const index = scene.node.namespace.ip<{ link_index: number }>('link', 'show', 'dev', 'lan0')[0]!.link_index;
  const port = lan.ip<{ ifindex: number; ifname: string }>('link').find(({ ifindex }) => ifindex === index)!.ifname;
  const table = `table netdev security {
    chain port { type filter hook ingress device ${port} priority 0; arp saddr ip 0.0.0.0 counter drop; }
  }`;
  const { status, stderr } = lan.try(['nft', '-f', '-'], table);
  if (status !== 0) throw new Error(stderr);
}

describeOnKernel('port security drops ARP with sender 0.0.0.0', TOOLS, () => {
  function held(): { scene: Scene; holder: Host } {
    const scene = new Scene();
    const holder = scene.lab.host('holder', LAN.outsider);
    holder.namespace.batch(`addr add ${RESERVED.ipv4}/24 dev lan0`);
    dropProbes(scene);
    return { scene, holder };
  }

  test('ADD finds the holder by a request from the address of the node', async () => {
    const { scene, holder } = held();
    using _ = scene;
    const { json } = await scene.router.call('ADD', careful(scene, IPV4_ONLY));
    expect(json).toMatchObject({ code: 102, msg: expect.stringContaining(holder.mac) });
    // The filter works.
    expect(scene.lab.lan.run('nft', 'list', 'table', 'netdev', 'security')).not.toContain('packets 0 bytes');
  });

  test('doctor finds the holder, too', async () => {
    const { scene, holder } = held();
    using _ = scene;
    await scene.router.add(scene.config(IPV4_ONLY));
    const { findings } = fromNode(scene, scene.config(IPV4_ONLY));
    expect(findings.find(({ id }) => id === 'conflict')?.problem).toContain(holder.mac);
  });

  test('doctor says that a parent interface without an address cannot ask', async () => {
    using scene = new Scene();
    scene.node.namespace.batch(`addr del ${LAN.node.ipv4} dev lan0`);
    const config = scene.config(IPV4_ONLY);
    await scene.router.add(config);
    const blind = () => fromNode(scene, config).notExamined.filter(({ what }) => what.includes('sender 0.0.0.0'));
    expect(blind()).toEqual([]);
    dropProbes(scene);
    expect(blind()).toMatchObject([{ needs: 'an address of the subnet on lan0' }]);
  });
});
