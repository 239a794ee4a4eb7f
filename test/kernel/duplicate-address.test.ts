import type { ProbeTiming } from '../../cni/address-conflict/probe';
import { BUN, PacketLan } from './support/packet-lan';
import { describeOnKernel } from './support/requires';

const IPV4 = '192.0.2.9';
const IPV6 = '2001:db8::9';
const BOTH = `${IPV4},${IPV6}`;
const PREFIXED = [`${IPV4}/24`, `${IPV6}/64`];

/** MACs in the order of their names. */
const [A, B] = ['02:00:00:00:0a:0a', '02:00:00:00:0b:0b'];
const DERIVED = 'e2:65:c0:00:02:09';

/** So slow that a busy machine's delays do not matter. */
const SLOW: ProbeTiming = { count: 3, intervalMilliseconds: 400, waitMilliseconds: 600 };
const SLOW_DURATION = 1400;

describeOnKernel('duplicate addresses', ['ip', 'sysctl', BUN], () => {
  let lan: PacketLan;

  beforeEach(() => {
    lan = new PacketLan();
    lan.addHost('a', A);
  });

  afterEach(() => lan[Symbol.dispose]());

  test('silence is not a conflict, after tens of milliseconds', async () => {
    lan.addHost('b', B, '192.0.2.10/24', '2001:db8::10/64');
    const { conflict, milliseconds } = await lan.probe('a', 'lan', BOTH);
    expect(conflict).toBeUndefined();
    // Not less than the timing says; what is above it is the machine's business.
    expect(milliseconds).toBeGreaterThanOrEqual(35);
    console.info(`a silent LAN was asked for ${milliseconds?.toFixed(1)} ms`);
  });

  test.each([IPV4, IPV6])('the holder of %s is named', async (address) => {
    lan.addHost('b', B, ...PREFIXED);
    const { conflict, milliseconds } = await lan.probe('a', 'lan', address);
    expect(conflict).toEqual({ address, mac: B });
    console.info(`the holder of ${address} was known after ${milliseconds?.toFixed(1)} ms`);
  });

  test('the held one of several addresses is named', async () => {
    lan.addHost('b', B, `${IPV6}/64`);
    expect((await lan.probe('a', 'lan', BOTH)).conflict).toEqual({ address: IPV6, mac: B });
  });

  test('a holder of the IPv6 address is heard by an interface without IPv6', async () => {
    lan.addHost('b', B, ...PREFIXED);
    lan.run('a', 'sysctl', '-qw', 'net.ipv6.conf.lan.disable_ipv6=1');
    expect((await lan.probe('a', 'lan', IPV6)).conflict).toEqual({ address: IPV6, mac: B });
  });

  test('asking changes no neighbour cache', async () => {
    lan.addHost('b', B, ...PREFIXED);
    await lan.probe('a', 'lan', BOTH);
    expect(lan.ip('b', 'neigh show')).not.toContain(A);
  });

  test('an interface that is down is an error that names it, not silence', async () => {
    lan.ip('a', 'link set lan down');
    expect(await lan.probe('a', 'lan', IPV4)).toEqual({ error: expect.stringMatching(/^ARP on lan: .*100/) });
  });

  test('a holder with the derived MAC is heard from the parent, and only from there', async () => {
    lan.addHost('b', B);
    lan.addPod('b-pod', 'b', DERIVED, ...PREFIXED);
    for (const address of [IPV4, IPV6]) {
      expect((await lan.probe('a', 'lan', address)).conflict).toEqual({ address, mac: DERIVED });
    }
    lan.addPod('a-pod', 'a', DERIVED);
    expect((await lan.probe('a-pod', 'net1', BOTH)).conflict).toBeUndefined();
  });

  test('a holder on the same node is heard from net1, and only from there', async () => {
    lan.addPod('other', 'a', '02:00:00:00:0c:0c', ...PREFIXED);
    lan.addPod('own', 'a', DERIVED);
    for (const address of [IPV4, IPV6]) {
      expect((await lan.probe('own', 'net1', address)).conflict).toEqual({ address, mac: '02:00:00:00:0c:0c' });
    }
    expect((await lan.probe('a', 'lan', BOTH)).conflict).toBeUndefined();
  });

  test.each([
    [true, undefined],
    [false, { address: IPV4, mac: B }],
    [true, undefined, IPV6],
    [false, { address: IPV6, mac: B }, IPV6],
  ])('a holder in another VLAN is not found (tagged: %j, found: %j)', async (tagged, conflict, address = IPV4) => {
    lan.addHost('b', B);
    using _announcing = await lan.startAnnouncing('b', address, { tagged });
    const answer = await lan.probe('a', 'lan', address, SLOW);
    expect(answer.conflict).toEqual(conflict);
    expect(answer.error).toBeUndefined();
  });

  // The last offsets fall after the other's last probe: one has to answer, or stop for, a probe that comes then.
  test.each([
    ['IPv4', IPV4, 0],
    ['IPv6', IPV6, 0],
    ['IPv4', IPV4, 600],
    ['IPv4', IPV4, -600],
    ['IPv4', IPV4, SLOW_DURATION - 300],
    ['IPv4', IPV4, 300 - SLOW_DURATION],
    ['IPv6', IPV6, SLOW_DURATION - 300],
    ['IPv6', IPV6, 300 - SLOW_DURATION],
  ])(
    'the lower MAC wins if two hosts probe for one %s address at once (%s, %i ms apart)',
    async (_, address, offset) => {
      lan.addHost('b', B);
      const offsets = { a: Math.max(0, -offset), b: Math.max(0, offset) };
      const [a, b] = await lan.probeTogether(offsets, address, SLOW);
      expect(a).toEqual({ milliseconds: expect.any(Number) });
      expect(b!.conflict).toEqual({ address, mac: A });
    },
  );

  test.each([
    ['ip -4 neigh', IPV4, '192.0.2.2/24'],
    ['ip -6 neigh', IPV6, '2001:db8::2/64'],
  ])('an announcement refreshes what a peer remembers of the old holder (%s)', async (_, address, peer) => {
    lan.addHost('peer', B, peer);
    lan.addAddress('a', 'lan', PREFIXED.find((own) => own.startsWith(address))!);
    lan.ip('peer', `neigh replace ${address} lladdr 02:00:00:00:0d:0d nud stale dev lan`);
    await lan.announce('a', 'lan', address);
    const entry = lan.ip('peer', `neigh show ${address} dev lan`);
    expect(entry).toContain(`lladdr ${A}`);
    // R of the advertisement: the router forwards.
    expect(entry.includes(' router ')).toBe(address === IPV6);
  });
});
