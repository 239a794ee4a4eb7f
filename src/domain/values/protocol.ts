import type { Field } from '../input/decoder';

/** Transport protocols that have ports, as Kubernetes and the EgressRouter resource spell them. */
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Their numbers in IP headers. @see https://www.iana.org/assignments/protocol-numbers/protocol-numbers.xhtml */
export const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

export function readProtocol(field: Field): Protocol | undefined {
  return field.word(PROTOCOLS);
}

export function readPort(field: Field): number | undefined {
  return field.integer(1, 65535, 'a port number');
}

/** Identifies a port of a pod or of a Service. */
export function portKey({ protocol, port }: { readonly protocol: string; readonly port: number }): string {
  return `${protocol} ${port}`;
}
