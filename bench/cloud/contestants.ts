/** Ways to add the same pairs to the same ports. Each logs in separately. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { create } from 'pulumi-egress-router/openstack/pair-operations';
import { OpenStackAdmin, type Pair } from '../../test/openstack/server/admin';
import { type OpenStackAddress, openStackCommand } from '../../test/openstack/server/openstack';

export interface Task {
  readonly address: OpenStackAddress;
  readonly portIds: readonly string[];
  /** The pairs of every port. */
  readonly pairs: readonly Pair[];
}

export const WAYS = ['ours', 'raw', 'command'] as const;
export type Way = (typeof WAYS)[number];

/** Concurrent requests, as many as the library's connections. */
const AT_A_TIME = 16;

export const CONTESTANTS: Record<Way, (task: Task) => Promise<unknown>> = {
  /** A resource for each pair, all at once. */
  ours: ({ portIds, pairs }) =>
    Promise.all(
      portIds.flatMap((portId) =>
        pairs.map(({ ip_address, mac_address }) => create({ portId, ipAddress: ip_address, macAddress: mac_address })),
      ),
    ),

  /** The minimum that is safe for other writers' pairs: one GET and one PUT with the revision for each port. */
  raw: async ({ address, portIds, pairs }) => {
    const admin = await OpenStackAdmin.login(address);
    const waiting = [...portIds];
    const worker = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const { allowed_address_pairs, revision_number } = await admin.port(id);
        const status = await admin.setPairs(id, [...allowed_address_pairs, ...pairs], revision_number);
        if (status !== 200) throw new Error(`port ${id}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  },

  /** `openstack port set`, port by port. */
  command: async ({ portIds, pairs }) => {
    const [program, ...first] = openStackCommand();
    const options = pairs.flatMap((pair) => [
      '--allowed-address',
      `ip-address=${pair.ip_address},mac-address=${pair.mac_address}`,
    ]);
    for (const id of portIds) await promisify(execFile)(program, [...first, 'port', 'set', ...options, id]);
  },
};
