import type { Field } from './decoder';

/** Transport protocols that have ports, as Kubernetes and the EgressRouter resource spell them. */
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export function readProtocol(field: Field): Protocol | undefined {
  return field.word(PROTOCOLS);
}

export function readPort(field: Field): number | undefined {
  return field.integer(1, 65535, 'a port number');
}
