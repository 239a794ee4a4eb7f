import { join } from 'node:path';
import type { Namespace } from '../lab/namespace';

const PROGRAM = join(__dirname, '../lab/programs/ip-frames.py');

/** Where a frame goes, and the addresses that it pretends. */
export interface IpFrame {
  readonly link: string;
  readonly mac: string;
  readonly source: string;
  readonly destination: string;
  readonly count?: number;
}

/** The content of a packet; `flags` is the octet of the TCP header, `chunks` the types of SCTP chunks, one a packet. */
export type IpContent =
  | readonly ['echo']
  | readonly ['echo-of-each']
  | readonly ['icmp', type: number]
  | readonly ['fragment']
  | readonly ['routed-echo', hop: string]
  | readonly ['udp', sourcePort: number, port: number]
  | readonly ['sctp', sourcePort: number, port: number, ...chunks: number[]]
  | readonly ['tcp', sourcePort: number, port: number, flags: number, sequence: number, acknowledgement: number];

/** Sends IP packets as frames, with any addresses. */
export function sendIp(from: Namespace, { link, mac, source, destination, count = 1 }: IpFrame, content: IpContent) {
  from.run('python3', PROGRAM, ...[link, mac, source, destination, count, ...content].map(String));
}
