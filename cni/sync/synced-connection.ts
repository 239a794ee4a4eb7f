/** A client's connection through the router, as the pods of a pair tell each other of it. */
export interface SyncedConnection {
  /** Number of its transport protocol: TCP, UDP or SCTP. */
  readonly protocol: number;
  /** 4 or 16 octets. */
  readonly client: Uint8Array;
  readonly clientPort: number;
  /** The router's port that the client called. The address is that of the pod, another one in each. */
  readonly calledPort: number;
  /** 4 or 16 octets. */
  readonly server: Uint8Array;
  readonly serverPort: number;
  /** The port of the reserved address that the server sees. */
  readonly sourcePort: number;
  /** Of TCP and SCTP the kernel's number; of UDP whether it is more than a question and its answer: 1 or 0. */
  readonly state: number;
  /** The verification tags of an SCTP association. */
  readonly tags?: { readonly original: number; readonly reply: number };
}

/** What tells one connection of a router from another. */
export type ConnectionName = Pick<SyncedConnection, 'protocol' | 'client' | 'clientPort' | 'calledPort'>;
