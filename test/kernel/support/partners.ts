import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Authority } from '../../support/authority';
import type { Namespace } from '../lab/namespace';

const PROGRAM = resolve(__dirname, '..', 'lab', 'programs', 'partner-server.mjs');

/** An address with a port, and the name in its server's certificate. */
export type Partner = readonly [address: string, port: number, name: string];

/** Starts HTTPS servers that tell clients whom they see; those that do not begin with TLS get an echo server. */
export async function startPartners(
  namespace: Namespace,
  authority: Authority,
  partners: readonly Partner[],
): Promise<void> {
  for (const name of new Set(partners.map(([, , name]) => name))) authority.signServer(name);
  const words = [process.execPath, join(PROGRAM), authority.folder, ...partners.flat().map(String)];
  const child = namespace.start(words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [outcome] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
  if (String(outcome) !== 'ready\n') throw new Error(`the servers of ${namespace.name} did not start: ${outcome}`);
}
