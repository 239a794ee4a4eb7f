import type { Namespace } from '../lab/namespace';

/** A connection that a test makes without packets. */
export interface MadeConnection {
  readonly client: string;
  readonly clientPort: number;
  /** Of the pod. */
  readonly called: string;
  readonly calledPort: number;
  readonly reserved: string;
  readonly server: string;
  readonly serverPort: number;
  readonly mark?: number;
  /** @default 'tcp' */
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  /** @default 'ESTABLISHED' */
  readonly state?: string;
  /** @default 'SEEN_REPLY,ASSURED' */
  readonly status?: string;
}

/** Makes connections by `conntrack -I`, as if clients had opened them. */
export function makeConnections(namespace: Namespace, connections: readonly MadeConnection[]): void {
  // One process for all: there are thousands. It opens its standard input by name, which must be a pipe for that.
  const { status, stderr } = namespace.try(
    ['sh', '-c', 'cat | conntrack -R -'],
    connections.map((each) => `${insertion(each)}\n`).join(''),
  );
  if (status !== 0) throw new Error(`conntrack -R: ${stderr.slice(0, 2000)}`);
}

/** Removes the connections of a client by `conntrack -D`. */
export function removeConnections(namespace: Namespace, client: string): void {
  namespace.run('conntrack', '-D', '-s', client);
}

function insertion(connection: MadeConnection): string {
  const { client, clientPort, called, calledPort, reserved, server, serverPort, mark = 1 } = connection;
  const { protocol = 'tcp', state = 'ESTABLISHED', status = 'SEEN_REPLY,ASSURED' } = connection;
  const ofProtocol = {
    tcp: `--state ${state}`,
    udp: '',
    sctp: `--state ${state} --orig-vtag 17 --reply-vtag 18`,
  }[protocol];
  const ends = `-s ${client} -d ${called} --sport ${clientPort} --dport ${calledPort}`;
  const translation = `--src-nat ${reserved} --dst-nat ${bracketed(server)}:${serverPort}`;
  return `-I -p ${protocol} ${ends} ${translation} ${ofProtocol} -u ${status} -t 300 -m ${mark}`;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
