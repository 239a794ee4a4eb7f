import { once } from 'node:events';
import { join } from 'node:path';
import type { Namespace } from './namespace';

const PROGRAM = join(__dirname, 'programs', 'sctp.py');

/** What arrived of an SCTP packet. */
export interface SctpPacket {
  readonly peer: string;
  readonly sourcePort: number;
  readonly port: number;
  readonly isChecksumRight: boolean;
}

/** Sends an INIT chunk, as the first packet of a connection. Works with kernels that have no SCTP sockets. */
export function sendInit(namespace: Namespace, address: string, port: number): void {
  namespace.run('python3', PROGRAM, 'send', address, String(port));
}

/** Waits for an SCTP packet; the promise of the listener is done when it listens. */
export async function receiveSctp(namespace: Namespace, family: 4 | 6): Promise<() => Promise<SctpPacket>> {
  const child = namespace.start(['python3', PROGRAM, 'receive', String(family)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const closed = once(child, 'close');
  while (!text.startsWith('ready\n')) await once(child.stdout!, 'data');
  return async () => {
    await closed;
    return JSON.parse(text.slice('ready\n'.length)) as SctpPacket;
  };
}
