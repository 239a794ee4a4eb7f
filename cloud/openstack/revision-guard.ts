import type { Neutron, Port } from './client/neutron';

/**
 * The revision that a write of the port depends on, so that a concurrent write is not lost.
 *
 * @returns nothing if the write may be unguarded and Neutron has no guard
 * @throws an error if Neutron has no guard and the write may not be unguarded
 */
export async function guardedRevision(
  neutron: Neutron,
  port: Port,
  allowUnguardedWrite: boolean,
): Promise<number | undefined> {
  const { revision_number } = port;
  if (revision_number !== undefined && (await neutron.hasRevisionGuard())) return revision_number;
  if (allowUnguardedWrite) return undefined;
  throw new Error(
    `port ${port.id}: this cloud's Neutron lacks the extension revision-if-match, so a write concurrent with another ` +
      "writer's may lose its change; allowUnguardedWrite: true accepts that",
  );
}
