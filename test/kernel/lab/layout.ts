/** Documentation addresses of the lab (RFC 5737, RFC 3849), and a pod network. */

/** The LAN of nodes and routers. */
export const LAN = {
  subnet4: '192.168.12.0/24',
  subnet6: '2001:db8:12::/64',
  gateway: { ipv4: '192.168.12.1/24', ipv6: '2001:db8:12::1/64' },
  linkLocalGateway: 'fe80::1',
  node: { ipv4: '192.168.12.11/24', ipv6: '2001:db8:12::11/64' },
  secondNode: { ipv4: '192.168.12.12/24', ipv6: '2001:db8:12::12/64' },
  outsider: { ipv4: '192.168.12.50/24', ipv6: '2001:db8:12::50/64' },
} as const;

/** Addresses that routers of the lab reserve. */
export const RESERVED = { ipv4: '192.168.12.99', ipv6: '2001:db8:12::99' } as const;

/** The network of the servers, behind the gateway. */
export const SERVERS = {
  gateway4: '203.0.113.1',
  gateway6: '2001:db8:113::1',
  server: { ipv4: '203.0.113.26/24', ipv6: '2001:db8:113::26/64' },
  further: ['203.0.113.25/24', '203.0.113.27/24', '2001:db8:113::25/64', '2001:db8:113::27/64'],
} as const;

/** The cluster's own network: the router, and a client on another subnet of it. */
export const PODS = {
  subnet4: '10.244.0.0/16',
  subnet6: 'fd00:10:244::/48',
  /** What every pod sends everything to, on its node. */
  gateway4: '169.254.1.1',
  gateway6: 'fe80::ecee:eeff:feee:eeee',
  router: { ipv4: '10.244.0.5', ipv6: 'fd00:10:244::5' },
  third: { ipv4: '10.244.3.5', ipv6: 'fd00:10:244:3::5' },
  client: { ipv4: '10.244.1.7', ipv6: 'fd00:10:244:1::7' },
} as const;
