import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeInventory } from '../../cli/input/inventory';
import type { Inventory } from '../../cli/input/router';

const FIXTURES = join(__dirname, '..', 'fixtures');

export function fixture(name: string): string {
  return readFileSync(join(FIXTURES, `${name}.k8s.yaml`), 'utf8');
}

export function inventoryOf(...texts: readonly string[]): Inventory {
  return takeInventory(texts.map((text, index) => ({ name: `${index + 1}.yaml`, text })));
}

/** What is replaced by what, and how often it is there: once, unless it says otherwise. */
export type Edit = readonly [from: string, to: string, times?: number];

/** Replaces, and fails when a fixture changed so that there is nothing, or more, to replace. */
export function edited(text: string, ...edits: readonly Edit[]): string {
  return edits.reduce((before, [from, to, times = 1]) => {
    const found = before.split(from).length - 1;
    if (found !== times) throw new Error(`${JSON.stringify(from)} is there ${found} times`);
    return before.replaceAll(from, () => to);
  }, text);
}

/** A NetworkAttachmentDefinition around a configuration. */
export function definition(name: string, config: unknown, labels: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name, namespace: 'web', labels },
    spec: { config: typeof config === 'string' ? config : JSON.stringify(config) },
  });
}

/** What the Cluster Network Operator renders. */
export const OPERATORS = {
  cniVersion: '0.4.0',
  name: 'egress-router-cni-nad',
  type: 'egress-router',
  ip: {
    addresses: ['192.168.12.99/24'],
    destinations: ['80 UDP 203.0.113.25', '8080 TCP 203.0.113.26 80'],
    gateway: '192.168.12.1',
    fallbackIP: '203.0.113.27',
  },
};

/** A router that resolves its hosts. */
export const RESOLVING = {
  cniVersion: '1.0.0',
  name: 'names',
  type: 'egress-router',
  ip: {
    addresses: ['192.168.12.99/24'],
    gateway: '192.168.12.1',
    destinations: ['80 UDP 203.0.113.25'],
    hosts: [
      { name: 'api.bank.example', ports: ['20443 TCP 443'] },
      { name: 'licence.vendor.example', ports: ['20444 TCP 27000'], allowedCidrs: ['198.51.100.0/24'] },
    ],
    resolver: { servers: ['192.168.12.53'], source: 'reserved', clusterCidrs: ['10.96.0.0/12'] },
  },
  liveRules: true,
};
