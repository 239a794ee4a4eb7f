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

/** Replaces exactly one thing, so that a fixture that changed does not turn a test into nothing. */
export function edited(text: string, ...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((before, [from, to]) => {
    if (before.split(from).length !== 2)
      throw new Error(`${JSON.stringify(from)} is there ${before.split(from).length - 1} times`);
    return before.replace(from, () => to);
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
