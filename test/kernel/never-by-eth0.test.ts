import { Capture } from './lab/capture';
import { ask } from './lab/echo';
import { DUAL_STACK } from './lab/network-config';
import { Scene } from './lab/scene';
import { eventually } from './support/eventually';
import { describeOnKernel } from './support/requires';

/** What breaks the way by net1. The router's parent is `spare0`: without it, the node still reaches the servers. */
const BREAKS: readonly { readonly what: string; readonly breakIt: (scene: Scene) => void }[] = [
  { what: 'net1 is down', breakIt: ({ router }) => router.namespace.batch('link set net1 down') },
  {
    // The kernel has emptied the table then.
    what: 'net1 was down and is up again',
    breakIt: ({ router }) => router.namespace.batch('link set net1 down', 'link set net1 up'),
  },
  { what: 'the parent interface is down', breakIt: ({ node }) => node.namespace.batch('link set spare0 down') },
  { what: 'the parent interface is deleted', breakIt: ({ node }) => node.namespace.batch('link del spare0') },
  {
    what: 'there is no gateway any more, and the server is not on the LAN',
    breakIt: ({ router }) =>
      router.namespace.batch('route del default via 192.168.12.1 table 100', 'route del default via fe80::1 table 100'),
  },
  {
    what: 'the routing table is flushed',
    breakIt: ({ router }) => {
      router.namespace.run('ip', '-4', 'route', 'flush', 'table', '100');
      router.namespace.run('ip', '-6', 'route', 'flush', 'table', '100');
    },
  },
];

const SERVERS = 'dst net 203.0.113.0/24 or dst net 2001:db8:113::/64';

/** What clients see: of connections that were there before, and of new ones. */
async function requests({ client, router }: Scene) {
  return Promise.all(
    [router.ipv4, router.ipv6].flatMap((address, index) => [
      ask(client.namespace, `udp ${address} 80`, { milliseconds: 800, sourcePort: 45000 + index }),
      ask(client.namespace, `udp ${address} 80`, { milliseconds: 800 }),
      ask(client.namespace, `tcp ${address} 8080`, { milliseconds: 800 }),
    ]),
  );
}

/** The router's TCP connections that a client has open. */
function established({ router }: Scene): string[] {
  const entries = router.namespace.run('cat', '/proc/net/nf_conntrack').split('\n');
  return entries.filter((entry) => /tcp .* ESTABLISHED .* dport=8080 .*\[ASSURED\]/.test(entry));
}

describeOnKernel(
  "no packet of a client leaves by the primary interface, with the node's address",
  ['ip', 'nft', 'tcpdump'],
  () => {
    test.each(BREAKS)('$what', async ({ breakIt }) => {
      using scene = new Scene();
      await scene.serve();
      scene.node.addSpareInterface('spare0');
      await scene.router.add(scene.config(DUAL_STACK, { interfaceArgs: { master: 'spare0' } }));
      expect((await requests(scene)).map(({ error }) => error)).toEqual(Array(6).fill(undefined));
      const capture = await Capture.start(scene.router.namespace, 'eth0', SERVERS);
      // Long enough for a busy machine: what was sent before the break would be answered.
      const open = [scene.router.ipv4, scene.router.ipv6].map((address) =>
        ask(scene.client.namespace, `tcp ${address} 8080`, { pause: 2500, milliseconds: 3500 }),
      );
      await eventually(() => expect(established(scene)).toHaveLength(open.length));

      breakIt(scene);
      const replies = [...(await requests(scene)), ...(await Promise.all(open))];

      expect(await capture.stop()).toEqual([]);
      expect(replies.map(({ peer }) => peer)).toEqual(Array(8).fill(undefined));
      // The servers were there all the time, by the very way that must not be taken.
      expect(await ask(scene.client.namespace, 'tcp 203.0.113.26 80')).toMatchObject({ peer: scene.node.host.ipv4 });
    });
  },
);
