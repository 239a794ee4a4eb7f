import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './lab/namespace';
import { IPV4_ONLY } from './lab/network-config';
import { fromNode, fromPod, idsOf, workingRouter } from './support/doctor';
import { describeOnKernel } from './support/requires';

/** Ports of one client that are made connections of; then comes the next server. */
const PORTS = 60_000;

/** Established connections of a client, as `conntrack` writes and reads them: none of them makes room for a new one. */
function connections(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const port = 1024 + (index % PORTS);
    const server = `198.51.100.${1 + Math.floor(index / PORTS)}`;
    const original = `-s 10.244.1.7 -d ${server} --sport ${port} --dport 80`;
    const reply = `-r ${server} -q 10.244.1.7 --reply-port-src 80 --reply-port-dst ${port}`;
    return `-I -p tcp ${original} ${reply} --state ESTABLISHED -t 3600 -u ASSURED,SEEN_REPLY\n`;
  });
  return lines.join('');
}

/** Fills a pod's table of connections, until it takes no more. */
function fill(namespace: Namespace): void {
  const limit = Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_max', 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'connections-'));
  try {
    const file = join(folder, 'table');
    writeFileSync(file, connections(limit));
    // It ends with the first that is one too many.
    namespace.try(['conntrack', '--load-file', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describeOnKernel('doctor, where the table of connections is full', ['ip', 'nft', 'conntrack', 'setpriv'], () => {
  test('names it, and not the silence that follows from it', async () => {
    const { scene, config } = await workingRouter(IPV4_ONLY);
    using _ = scene;
    fill(scene.router.namespace);
    for (const examine of [fromNode, fromPod]) {
      const found = examine(scene, config);
      expect({ ids: idsOf(found), found }).toMatchObject({ ids: ['connections-exhausted'] });
      expect(found.findings[0]!.problem).toMatch(/^The pod's connection table has \d+ of at most \d+ entries\.$/);
    }
  }, 300_000);
});
