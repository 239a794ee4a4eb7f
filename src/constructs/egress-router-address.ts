/** A reserved source IP and the way out of its subnet. */
export interface EgressRouterAddress {
  /** The reserved IPv4 or IPv6 address with the prefix length of its subnet: `192.168.12.99/24`. */
  readonly ip: string;

  /**
   * Address of the next hop, in the same subnet or link-local (`fe80::1`).
   *
   * @default - none: only destinations within the subnet are reachable. Operator mode needs one.
   */
  readonly gateway?: string;
}
