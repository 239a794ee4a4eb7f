import { startEcho } from '../test/kernel/lab/echo';
import type { Namespace } from '../test/kernel/lab/namespace';

/** The servers of the examples, which answer with the client's address. */
export async function startServers(outside: Namespace): Promise<void> {
  await startEcho(
    outside,
    'udp 203.0.113.25 80',
    'tcp 203.0.113.26 80',
    'tcp 203.0.113.26 443',
    'tcp 203.0.113.27 443',
    'tcp 2001:db8:113::26 443',
    'udp 2001:db8:113::25 80',
  );
}
