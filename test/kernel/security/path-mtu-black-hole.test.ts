import { once } from 'node:events';
import type { Namespace } from '../lab/namespace';
import { DUAL_STACK } from '../lab/network-config';
import { Scene } from '../lab/scene';
import { describeOnKernel } from '../support/requires';

const FAMILIES = ['ipv4', 'ipv6'] as const;
type FamilyName = (typeof FAMILIES)[number];
const SERVER = { ipv4: '203.0.113.26', ipv6: '2001:db8:113::26' } as const;
const SMALL_MTU = 1300;
const BYTES = 300_000;

/** Answers a connection with so many bytes. */
const SERVE = `
import socket, sys
family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
with socket.create_server((sys.argv[1], 443), family=family) as server:
    print('ready', flush=True)
    peer, _ = server.accept()
    peer.sendall(bytes(${BYTES}))
    peer.close()
    sys.stdin.read()
`;

/** Prints how many bytes arrived when the connection ended, or fell silent. */
const DOWNLOAD = `
import socket, sys
received = 0
with socket.create_connection((sys.argv[1], 8443), 5) as connection:
    connection.settimeout(2)
    try:
        while part := connection.recv(65536):
            received += len(part)
    except TimeoutError:
        pass
print(received)
`;

/** The gateway's way back is small, and the servers do not hear of it. */
function makeBlackHole({ namespace }: { readonly namespace: Namespace }): void {
  namespace.batch(`link set lan0 mtu ${SMALL_MTU}`);
  const filter = `table inet filter {
    chain output {
      type filter hook output priority 0
      icmp type destination-unreachable drop
      icmpv6 type packet-too-big drop
    }
  }`;
  expect(namespace.try(['nft', '-f', '-'], filter)).toMatchObject({ status: 0 });
}

async function download({ server, client, router }: Scene, family: FamilyName): Promise<number> {
  const child = server.start(['python3', '-c', SERVE, SERVER[family]], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  return Number(client.namespace.run('python3', '-c', DOWNLOAD, router[family]));
}

describeOnKernel('a router on the way with a smaller MTU that filters ICMP', ['ip', 'nft', 'python3'], () => {
  test.each(FAMILIES)('%s: a download is complete where the configuration has that MTU', async (family) => {
    using scene = new Scene();
    makeBlackHole(scene.lab.gateway);
    await scene.router.add(
      scene.config(DUAL_STACK, { interfaceArgs: { mode: 'bridge', master: 'lan0', mtu: SMALL_MTU } }),
    );
    expect(await download(scene, family)).toBe(BYTES);
  });

  test.each(FAMILIES)('%s: a download hangs without an MTU in the configuration', async (family) => {
    using scene = new Scene();
    makeBlackHole(scene.lab.gateway);
    await scene.router.add(scene.config(DUAL_STACK));
    expect(await download(scene, family)).toBeLessThan(BYTES);
  });
});
