import { join } from 'node:path';
import { arpReplyAnnouncement } from '../../../cni/packet/arp';
import { unsolicitedAdvertisement } from '../../../cni/packet/neighbour-discovery';
import { macToBytes } from '../../../src/domain/values/mac-address';
import { ip } from '../../support/recorded-frame';
import type { Host } from '../lab/host';
import { LAN, RESERVED } from '../lab/layout';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { eventually } from '../support/eventually';
import { BUN } from '../support/packet-lan';
import { describeOnKernel, PLUGIN } from '../support/requires';

const OWN_MAC = '02:00:5e:10:00:01';
const PACKET_DRIVER = join(__dirname, '../support/packet-driver.ts');
const FAMILIES = ['ipv4', 'ipv6'] as const;

/** A forged claim of an address, to all hosts or to one MAC alone. */
function claim(mac: string, family: (typeof FAMILIES)[number], to?: string): Uint8Array {
  const forged = family === 'ipv4' ? arpReplyAnnouncement : unsolicitedAdvertisement;
  const frame = Uint8Array.from(forged(mac, ip(RESERVED[family])));
  if (to !== undefined) frame.set(macToBytes(to), 0);
  return frame;
}

function send(host: Host, frame: Uint8Array): void {
  host.namespace.run(BUN, PACKET_DRIVER, 'send', host.link, Buffer.from(frame).toString('hex'), '1');
}

/** Any host of the LAN may send these frames: they must not decide whether the router is in its Service. */
describeOnKernel('forged claims of the reserved address', ['ip', 'nft', 'curl', BUN], () => {
  let scene: Scene;
  let attacker: Host;

  const get = (path: string) =>
    scene.node.namespace.try(['curl', '--silent', `http://${scene.router.ipv4}:9180${path}`]).stdout;
  const conflicts = () => Number(/^egress_router_address_conflicts_total (\d+)$/m.exec(get('/metrics'))?.[1]);

  beforeEach(async () => {
    scene = new Scene();
    const config = scene.config(DUAL_STACK, { mac: OWN_MAC, healthPort: 9180 });
    await scene.router.add(config);
    const words = [PLUGIN, 'serve', `--config=${JSON.stringify(config)}`, '--watch-conflicts'];
    scene.router.namespace.start(words, { stdio: 'ignore' });
    attacker = scene.lab.host('attacker', LAN.outsider);
    await eventually(() => expect(get('/readyz')).toBe('ok\n'), 20_000);
  });
  afterEach(() => scene[Symbol.dispose]());

  test.each(FAMILIES)('%s: they are counted and named, and the router stays ready', async (family) => {
    for (const count of [1, 2, 3]) {
      send(attacker, claim(attacker.mac, family));
      await eventually(() => expect(conflicts()).toBe(count));
      expect(get('/readyz')).toBe('ok\n');
    }
    expect(get('/readyz?verbose')).toContain(`[!]conflict warning: ${RESERVED[family]} is also claimed`);
    expect(get('/readyz?verbose')).toContain(attacker.mac);
  });

  test.each(FAMILIES)('%s: frames to net1 alone count as nothing', async (family) => {
    for (let frame = 0; frame < 3; frame++) send(attacker, claim(attacker.mac, family, OWN_MAC));
    // Claims that count arrive after them, for the other address.
    const other = family === 'ipv4' ? 'ipv6' : 'ipv4';
    for (let count = 1; count <= 2; count++) {
      send(attacker, claim(attacker.mac, other));
      await eventually(() => expect(conflicts()).toBeGreaterThanOrEqual(count));
    }
    // One text, because metrics are up to a second old.
    let metrics = '';
    await eventually(() => {
      metrics = get('/metrics');
      expect(metrics).toContain(`${RESERVED[other]} is also claimed`);
    });
    expect(metrics).toContain('egress_router_address_conflicts_total 2\n');
    expect(get('/readyz?verbose')).not.toContain(`${RESERVED[family]} is also claimed`);
  });

  test('the gateway decides: when it does not answer the router is not ready', async () => {
    send(attacker, claim(attacker.mac, 'ipv4'));
    await eventually(() => expect(conflicts()).toBe(1));
    scene.lab.gateway.namespace.batch('link set lan0 down');
    await eventually(() => expect(get('/readyz')).toContain('[-]gateway failed: '), 10_000);
  });
});
