import type { IpAddress } from '../../../src/domain/values/ip-address';

/** A DNS server, and the pod's address that asks it. */
export interface DnsServer {
  readonly address: IpAddress;
  readonly port: number;
  /** Absent: the kernel chooses. */
  readonly source?: IpAddress;
}
