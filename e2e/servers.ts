import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEcho } from '../test/kernel/lab/echo';
import type { Namespace } from '../test/kernel/lab/namespace';
import { type Partner, startPartners } from '../test/kernel/support/partners';
import { LAN_DNS } from './cluster/addresses';
import type { Cluster } from './cluster/cluster';
import { findProgram } from './cluster/programs';

const PARTNERS: readonly Partner[] = [
  ['203.0.113.26', 443, 'api.bank.example'],
  ['2001:db8:113::26', 443, 'api.bank.example'],
  ['203.0.113.27', 443, 'auth.bank.example'],
];

/** The zone of the partners, as hosts outside the cluster resolve it. */
const ZONE = `$ORIGIN example.
@ 3600 IN SOA ns.example. hostmaster.example. 1 3600 600 86400 60
api.bank 60 IN A 203.0.113.26
api.bank 60 IN AAAA 2001:db8:113::26
www.api.bank 60 IN A 203.0.113.25
auth.bank 60 IN A 203.0.113.27
db.partner 60 IN A 203.0.113.30
plain.partner 60 IN A 203.0.113.25
`;

/** The servers of the examples and of the documents, which answer with the client's address, and the LAN's DNS. */
export async function startServers({ outside, authority, folder }: Cluster): Promise<void> {
  const { namespace } = outside.server;
  await startEcho(namespace, 'udp 203.0.113.25 80', 'tcp 203.0.113.26 80', 'udp 2001:db8:113::25 80');
  await startPartners(namespace, authority, PARTNERS);
  await startDns(namespace, folder);
}

async function startDns(namespace: Namespace, folder: string): Promise<void> {
  const [zone, corefile] = ['example.zone', 'Corefile'].map((name) => join(folder, name)) as [string, string];
  writeFileSync(zone, ZONE);
  writeFileSync(corefile, `.:53 {\n  bind ${LAN_DNS}\n  file ${zone} example\n}\n`);
  namespace.batch(`addr add ${LAN_DNS}/24 dev wan0`);
  await startUntil(namespace, [join(findProgram('coredns'), 'coredns'), '-conf', corefile], /^CoreDNS-/m);
}

/** Starts a server, and waits for the line by which it says that it listens. */
async function startUntil(namespace: Namespace, words: readonly string[], isListening: RegExp): Promise<void> {
  const child = namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  while (!isListening.test(text)) {
    await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
    if (child.exitCode !== null) throw new Error(`${words.join(' ')} ended: ${text}`);
  }
}
