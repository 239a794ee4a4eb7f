import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { NODE_ARP_RATE_FILE } from '../../../cni/address-conflict/node-arp-rate';

/** Tests do not wait for each other's turns: the pace of the real node is for the routers of all nodes of all labs. */
export function raiseArpRate(): void {
  mkdirSync(dirname(NODE_ARP_RATE_FILE), { recursive: true });
  writeFileSync(NODE_ARP_RATE_FILE, '1000\n');
}

/** The real rate, until the next lab is made. */
export function restoreArpRate(): void {
  rmSync(NODE_ARP_RATE_FILE, { force: true });
}
