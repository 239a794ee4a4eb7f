import { canonicalMac } from '../../cloud/openstack/address-pair';
import { findCredentials, thisMachine } from '../../cloud/openstack/client/credentials';
import { Neutron } from '../../cloud/openstack/client/neutron';
import { Session } from '../../cloud/openstack/client/session';
import { PairEditor } from '../../cloud/openstack/pair-editor';
import { Random } from '../support/random';
import type { OpenStackAdmin, Pair } from './server/admin';
import { describeWithOpenStack, type TestCloud } from './server/describe-with-openstack';
import type { Gate, PassingRequest } from './server/gate';

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
const TIMEOUT = RACES * 30_000;

/** One writer of a port's list, who puts in and takes out one pair of its own. */
type Writer = (kind: 'add' | 'remove') => Promise<unknown>;

describeWithOpenStack('concurrent writers', (cloud) => {
  test(
    `${RACES} races of ${WRITERS}: every pair that was acknowledged is there, every foreign pair intact`,
    async () => {
      const writes = new FirstWrites(cloud().gate);
      const lanes = Array.from({ length: PORTS }, (_, lane) => raceOnOnePort(cloud(), writes, lane, RACES / PORTS));
      await Promise.all(lanes);
    },
    TIMEOUT,
  );
});

async function raceOnOnePort(
  { admin, networkId, variables }: TestCloud,
  firstWrites: FirstWrites,
  lane: number,
  races: number,
): Promise<void> {
  const random = new Random(lane);
  const { id } = await admin.createPort(networkId, { pairs: FOREIGN });
  const present = new Set<number>();
  const rude = rudeWriter(admin, id, pairOf(0));
  const ours = Array.from({ length: WRITERS - 1 }, (_, index) => ourWriter(variables, id, pairOf(index + 1)));

  for (let race = 0; race < races; race++) {
    // In two races of three a pair changes sides, so that lists of every length meet.
    const kinds = Array.from({ length: WRITERS }, (_, index) =>
      present.has(index) === random.once(3) ? ('add' as const) : ('remove' as const),
    );
    const writing = kinds.filter((kind, index) => index > 0 && present.has(index) === (kind === 'remove')).length;
    const writeRudely = () => rude(kinds[0]!);
    // Writers who never meet would prove nothing: in every other race they do for certain.
    const held = race % 2 === 0 ? firstWrites.hold(id, writing, writeRudely) : undefined;
    await Promise.all([held?.otherIsDone ?? writeRudely(), ...ours.map((write, index) => write(kinds[index + 1]!))]);
    const refused = held && Array(writing).fill(412);
    expect({ race, statuses: held?.statuses }).toEqual({ race, statuses: refused });

    for (const [index, kind] of kinds.entries()) {
      if (kind === 'add') present.add(index);
      else present.delete(index);
    }
    const { allowed_address_pairs } = await admin.port(id);
    const expected = [...FOREIGN, ...[...present].map(pairOf)];
    expect({ race, pairs: textOf(allowed_address_pairs) }).toEqual({ race, pairs: textOf(expected) });
  }
}

/** The first writes of a race, and how Neutron answered them. */
interface HeldWrites {
  readonly statuses: readonly number[];
  readonly otherIsDone: Promise<unknown>;
}

/**
 * Holds the first write of each of our writers at the gate until all of them have read the port, and then another
 * writer, who does not pass the gate, has written: their revisions are old, however fast the machine is.
 */
class FirstWrites {
  private readonly ofPorts = new Map<string, (write: PassingRequest) => Promise<unknown>>();
  private readonly statusesOf = new WeakMap<PassingRequest, number[]>();

  public constructor(gate: Gate) {
    gate.keeper = {
      before: async (request) => {
        if (request.method === 'PUT') await this.ofPorts.get(request.path)?.(request);
        return undefined;
      },
      after: (request, status) => this.statusesOf.get(request)?.push(status),
    };
  }

  /** @param count how many there are @param writeOther the other writer's write */
  public hold(portId: string, count: number, writeOther: () => Promise<unknown>): HeldWrites {
    const statuses: number[] = [];
    let arrived = 0;
    const otherIsDone = new Promise<void>((resolve) => {
      this.ofPorts.set(`/v2.0/ports/${portId}`, (write) => {
        if (arrived < count) this.statusesOf.set(write, statuses);
        if (++arrived === count) resolve();
        return otherIsDone;
      });
      if (count === 0) resolve();
    }).then(writeOther);
    return { statuses, otherIsDone };
  }
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

/** Reads, changes, writes with the revision, and at once again when that is refused. */
function rudeWriter(admin: OpenStackAdmin, portId: string, pair: Pair): Writer {
  const isOther = (listed: Pair) => listed.ip_address !== pair.ip_address;
  return async (kind) => {
    for (;;) {
      const { allowed_address_pairs, revision_number } = await admin.port(portId);
      const others = allowed_address_pairs.filter(isOther);
      const status = await admin.setPairs(portId, kind === 'add' ? [...others, pair] : others, revision_number);
      if (status === 200) return;
      if (status !== 412) throw new Error(`the rude writer was answered ${status}`);
    }
  };
}
