/** Addresses of the cluster's machines and pods. The LAN's are in test/kernel/lab/layout.ts. */

/** The machines' own network, which routers do not use. */
export const MACHINES = {
  control: { ipv4: '10.11.0.10', ipv6: 'fd00:10:11::10' },
  worker: (number: number) => ({ ipv4: `10.11.0.${10 + number}`, ipv6: `fd00:10:11::${10 + number}` }),
  prefix4: 24,
  prefix6: 64,
} as const;

export const PODS = {
  all4: '10.244.0.0/16',
  all6: 'fd00:10:244::/48',
  ofWorker: (number: number) => ({ ipv4: `10.244.${number}.0/24`, ipv6: `fd00:10:244:${number}::/64` }),
} as const;

export const SERVICES = {
  ipv4: '10.96.0.0/16',
  ipv6: 'fd00:10:96::/112',
  api: '10.96.0.1',
  dns: '10.96.0.10',
} as const;

/** The DNS server of the LAN, which nodes ask. */
export const LAN_DNS = '203.0.113.53';

/** A worker's address on the LAN, in the subnet of the reserved ones. */
export const lanAddress = (number: number) => ({
  ipv4: `192.168.12.${10 + number}/24`,
  ipv6: `2001:db8:12::${10 + number}/64`,
});
