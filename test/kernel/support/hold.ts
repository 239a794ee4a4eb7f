import { once } from 'node:events';
import { join } from 'node:path';
import type { Namespace } from '../lab/namespace';

const PROGRAM = join(__dirname, '../lab/programs/hold.py');

/** Connections that are held until `end`. */
export interface HeldConnections {
  /** How many the server accepted or answered. */
  readonly count: number;
  readonly end: () => Promise<void>;
}

/** Opens connections: `tcp|udp ADDRESS PORT COUNT [SOURCE]`. */
export async function hold(namespace: Namespace, ...words: readonly (string | number)[]): Promise<HeldConnections> {
  const child = namespace.start(['python3', PROGRAM, ...words.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [count] = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
  const end = async () => {
    child.stdin!.end();
    await once(child, 'exit');
  };
  return { count: Number(count), end };
}
