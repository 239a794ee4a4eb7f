import { setTimeout } from 'node:timers/promises';
import { canonicalMac } from '../../cloud/openstack/address-pair';
import { findCredentials, thisMachine } from '../../cloud/openstack/client/credentials';
import { Neutron } from '../../cloud/openstack/client/neutron';
import { Session } from '../../cloud/openstack/client/session';
import { PairEditor } from '../../cloud/openstack/pair-editor';
import { Random } from '../support/random';
import type { OpenStackAdmin, Pair } from './server/admin';
import { describeWithOpenStack, type TestCloud } from './server/describe-with-openstack';

/** In spellings that Neutron keeps: writing the list again must not change them. */
const FOREIGN: readonly Pair[] = [
  { ip_address: '10.20.0.5', mac_address: 'FA:16:3E:00:00:05' },
  { ip_address: '10.20.0.7/32', mac_address: 'fa:16:3e:00:00:07' },
  { ip_address: '2001:DB8:0:0::5', mac_address: 'fa:16:3e:00:00:05' },
];

const WRITERS = 6;
const RACES = process.env.EGRESS_ROUTER_FULL ? 1000 : 30;
/** Most of a race is waiting for one's turn, so several ports have theirs at a time. */
const PORTS = 5;
const TIMEOUT = RACES * 10_000;
const OTHER_WRITE_MS = 10_000;

/** One writer of a port's list, who puts in and takes out one pair of its own. */
type Writer = (kind: 'add' | 'remove') => Promise<unknown>;

describeWithOpenStack('concurrent writers', (cloud) => {
  test(
    `${RACES} races of ${WRITERS}: every pair that was acknowledged is there, every foreign pair intact`,
    async () => {
      const lanes = Array.from({ length: PORTS }, (_, lane) => raceOnOnePort(cloud(), lane, RACES / PORTS));
      const refusedWrites = await Promise.all(lanes);
      // Writers who never meet would prove nothing. Only the rude ones' refusals are counted.
      expect(refusedWrites.reduce((sum, count) => sum + count)).toBeGreaterThan(RACES / 10);
    },
    TIMEOUT,
  );
});

/** @returns how many writes of the rude writer were refused because another was faster */
async function raceOnOnePort({ admin, networkId, variables }: TestCloud, lane: number, races: number): Promise<number> {
  const random = new Random(lane);
  const { id } = await admin.createPort(networkId, { pairs: FOREIGN });
  const present = new Set<number>();
  let refusedWrites = 0;
  const rude = rudeWriter(admin, id, pairOf(0), () => refusedWrites++);
  const writers = [
    rude,
    ...Array.from({ length: WRITERS - 1 }, (_, ours) => ourWriter(variables, id, pairOf(ours + 1))),
  ];

  for (let race = 0; race < races; race++) {
    const writes = writers.map(async (write, index) => {
      // In two races of three a pair changes sides, so that lists of every length meet.
      const kind = present.has(index) === random.once(3) ? 'add' : 'remove';
      await write(kind);
      if (kind === 'add') present.add(index);
      else present.delete(index);
    });
    await Promise.all(writes);
    const { allowed_address_pairs } = await admin.port(id);
    const expected = [...FOREIGN, ...[...present].map(pairOf)];
    expect({ race, pairs: textOf(allowed_address_pairs) }).toEqual({ race, pairs: textOf(expected) });
  }
  return refusedWrites;
}

function pairOf(index: number): Pair {
  return { ip_address: `192.168.12.${100 + index}`, mac_address: `02:00:c0:a8:0c:${64 + index}` };
}

/** Verbatim: a foreign pair in another spelling is not as it was. */
function textOf(pairs: readonly Pair[]): string[] {
  return pairs.map(({ ip_address, mac_address }) => `${ip_address} ${mac_address}`).sort();
}

/** The library, with a session and a queue of its own: as another program on another machine. */
function ourWriter(variables: Readonly<Record<string, string>>, portId: string, pair: Pair): Writer {
  const credentials = findCredentials({}, { ...thisMachine(), variables });
  const editor = new PairEditor(new Neutron(new Session(credentials)));
  const ours = { ipAddress: pair.ip_address, macAddress: canonicalMac(pair.mac_address) };
  const guarded = { allowUnguardedWrite: false };
  return (kind) => (kind === 'add' ? editor.addPair(portId, ours, guarded) : editor.removePair(portId, ours, guarded));
}

/**
 * Reads, changes, writes with the revision, and at once again when that is refused. On a fast machine it would end
 * before the others have begun: every other time its first write is of a revision that is old for certain.
 */
function rudeWriter(admin: OpenStackAdmin, portId: string, pair: Pair, onRefusal: () => void): Writer {
  const isOther = (listed: Pair) => listed.ip_address !== pair.ip_address;
  let writes = 0;
  return async (kind) => {
    for (let isLate = writes++ % 2 === 0; ; isLate = false) {
      const { allowed_address_pairs, revision_number } = await admin.port(portId);
      if (isLate) await otherWrite(admin, portId, revision_number);
      const others = allowed_address_pairs.filter(isOther);
      const status = await admin.setPairs(portId, kind === 'add' ? [...others, pair] : others, revision_number);
      if (status === 200) return;
      if (status !== 412) throw new Error(`the rude writer was answered ${status}`);
      onRefusal();
    }
  };
}

/** Waits until the port has another revision than this. The writers of a race all write, so one comes. */
async function otherWrite(admin: OpenStackAdmin, portId: string, revision: number): Promise<void> {
  const deadline = Date.now() + OTHER_WRITE_MS;
  while ((await admin.port(portId)).revision_number === revision && Date.now() < deadline) await setTimeout(20);
}
