import { type EgressRouterProps, RouterMode } from 'cdk8s-egress-router';
import { Protocol } from 'cdk8s-plus-28';

/**
 * The router, written once: main.ts makes manifests of it, and the Pulumi programs beside this folder let its packets
 * pass. Both derive the same MAC address from the reserved IP.
 */
export const PARTNER = {
  mode: RouterMode.standalone(),
  addresses: [
    { ip: '192.168.12.99/24', gateway: '192.168.12.1' },
    { ip: '2001:db8:12::99/64', gateway: 'fe80::1' },
  ],
  redirectRules: [
    { port: 80, protocol: Protocol.UDP, destinationIp: '203.0.113.25' },
    { port: 8080, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 80 },
    { port: 8443, protocol: Protocol.TCP, destinationIp: '203.0.113.26', targetPort: 443 },
    { port: 8443, protocol: Protocol.TCP, destinationIp: '2001:db8:113::26', targetPort: 443 },
  ],
} satisfies EgressRouterProps;
