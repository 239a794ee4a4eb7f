import type { Beat } from '../../../cni/standby/beat';
import { nextState } from '../../../cni/standby/next-state';
import type { PairEvent } from '../../../cni/standby/pair-event';
import { fenceMs, type PairState, startState } from '../../../cni/standby/pair-state';
import { ALONE_MS, ANSWER_MS, LOOK_MS, MUTE_MS, PEER_MS } from '../../../cni/standby/pair-timers';
import type { Role } from '../../../cni/standby/role';
import { repetitions } from '../../support/repetitions';
import { pairAfter, schedule } from './schedule';
import type { Pod, World } from './world';

const roles = (world: World) => world.alive().map(({ state }) => state?.role.name);
const epochs = (world: World) => world.speakers().map(({ epoch }) => epoch);

describe('a pair', () => {
  test('has one holder and one standby', () => {
    const world = pairAfter(1, () => undefined);
    expect(roles(world).sort()).toEqual(['holder', 'standby']);
    expect(world.lock).toMatchObject({ epoch: 1, holder: world.speakers()[0]!.name });
  });

  /** What fails, whether the standby takes over, and the longest time without the address in milliseconds. */
  const FAILURES: Readonly<
    Record<string, { fail: (world: World, holder: Pod, standby: Pod) => void; within: number }>
  > = {
    'power-off': { fail: (world, holder) => world.powerOff(holder), within: 480 },
    'deletion of the holder': { fail: (world, holder) => world.event(holder, { kind: 'terminate' }), within: 60 },
    "the holder's LAN cable": { fail: (_world, holder) => setWays(holder, false, 'lanCable'), within: 650 },
    "both of the holder's cables": {
      fail: (_world, holder) => setWays(holder, false, 'lanCable', 'clusterCable'),
      within: 480,
    },
    "the holder's cluster cable": { fail: (_world, holder) => setWays(holder, false, 'clusterCable'), within: 480 },
    'an API server that is down at a power-off': {
      fail: (world, holder) => {
        world.api = false;
        world.powerOff(holder);
      },
      within: 480,
    },
  };
  test.each(Object.keys(FAILURES))('moves the address after %s', (name) => {
    for (let seed = 1; seed <= 30; seed += 1) {
      let before: Pod | undefined;
      const world = pairAfter(seed, (its, holder, standby) => {
        before = holder;
        its.gapMs = 0;
        FAILURES[name]!.fail(its, holder, standby);
      });
      expect([seed, world.speakers().length, world.speakers()[0] === before]).toEqual([seed, 1, false]);
      expect([epochs(world), world.doubleMs]).toEqual([[2], 0]);
      expect(world.gapMs).toBeLessThan(FAILURES[name]!.within);
    }
  });

  const HARMLESS: Readonly<Record<string, (world: World, holder: Pod, standby: Pod) => void>> = {
    'a killed process, whose kernel serves on': (world, holder) => world.killProcess(holder),
    'a process that stands still for 3 s': (world, holder) => stall(world, holder, 3000),
    'an API server that is down': (world) => {
      world.api = false;
    },
    "the standby's LAN cable": (_world, _holder, standby) => setWays(standby, false, 'lanCable'),
    "the standby's cluster cable": (_world, _holder, standby) => setWays(standby, false, 'clusterCable'),
    "both of the standby's cables": (_world, _holder, standby) => setWays(standby, false, 'lanCable', 'clusterCable'),
    "the standby's power-off": (world, _holder, standby) => world.powerOff(standby),
    'both cables of the holder for 0.1 s': (world, holder) => {
      setWays(holder, false, 'lanCable', 'clusterCable');
      world.after(100, () => setWays(holder, true, 'lanCable', 'clusterCable'));
    },
  };
  test.each(Object.keys(HARMLESS))('keeps the address in place after %s', (name) => {
    for (let seed = 1; seed <= 30; seed += 1) {
      let before: Pod | undefined;
      const world = pairAfter(seed, (its, holder, standby) => {
        before = holder;
        HARMLESS[name]!(its, holder, standby);
      });
      expect([seed, world.speakers().map((pod) => pod === before)]).toEqual([seed, [true]]);
      expect(epochs(world).concat(world.doubleMs)).toEqual([1, 0]);
    }
  });

  test('does not move the address back', () => {
    const world = pairAfter(3, (its, holder) => {
      setWays(holder, false, 'lanCable', 'clusterCable');
      its.after(1000, () => setWays(holder, true, 'lanCable', 'clusterCable'));
    });
    expect(epochs(world)).toEqual([2]);
    expect(roles(world).sort()).toEqual(['holder', 'standby']);
  });

  test('has no second holder after a frozen node goes on, once its process has run', () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const world = pairAfter(seed, (its, holder) => its.freeze(holder, 2000));
      expect([seed, epochs(world), world.doubleMs]).toEqual([seed, [2], 0]);
      expect(world.doubleAfterThawMs).toBeLessThan(LOOK_MS + 10);
    }
  });

  test('has never two holders on a LAN that joins them, whatever happens, and one again at last', () => {
    const count = repetitions(200, 20_000);
    for (let seed = 0; seed < count; seed += 1) {
      const world = schedule(seed, true);
      expect([seed, world.doubleMs, world.speakers().length]).toEqual([seed, 0, 1]);
      expect(world.doubleAfterThawMs).toBeLessThanOrEqual(MUTE_MS + LOOK_MS);
      // Until the cluster network brings the other pod's word.
      expect(world.doubleOfNewProcessMs).toBeLessThan(PEER_MS);
    }
  }, 3_600_000);

  test('has never two holders in many more schedules', () => {
    const count = repetitions(500, 1_000_000);
    for (let seed = 1_000_000; seed < 1_000_000 + count; seed += 1) {
      const { doubleMs } = schedule(seed, false);
      if (doubleMs > 0) throw new Error(`seed ${seed}: two holders for ${doubleMs} ms`);
    }
  }, 7_200_000);
});

describe('the decision', () => {
  const NOW = 100_000;
  const base = startState({ name: 'a', session: 7, lan: 'down', epoch: 3, isFenced: false }, NOW - 5000);
  const known: PairState = {
    ...base,
    lock: { revision: 9, epoch: 3, holder: 'a', seat: 'b' },
    ranAt: NOW - LOOK_MS,
    clocksFrom: NOW - 5000,
  };
  const since = NOW - 1000;
  const ROLES: readonly Role[] = [
    { name: 'waiting', since },
    { name: 'standby', since, trusts: true, knownAt: NOW - 100 },
    { name: 'standby', since, trusts: false, knownAt: NOW - 100 },
    { name: 'probing', since, from: 'standby', sent: 1, probes: 2, trusts: true, knownAt: NOW - 100 },
    { name: 'probing', since, from: 'muted', sent: 4, probes: 4, trusts: true, knownAt: NOW - 100 },
    { name: 'holder', since },
    { name: 'holder', since, challengedAt: NOW - ANSWER_MS },
    { name: 'holder', since, askedAt: NOW - 10 },
    { name: 'muted', since },
    { name: 'returning', since },
    { name: 'resigned', since, ends: false },
    { name: 'resigned', since, ends: true },
    { name: 'ended', since },
  ];
  const beat: Beat = {
    from: 'b',
    session: 8,
    sentAt: 500,
    echoSession: 7,
    echoSentAt: NOW - 20,
    role: 'standby',
    epoch: 3,
    gatewayAgo: 10,
    resigns: false,
    asks: false,
  };
  const EVENTS: readonly PairEvent[] = [
    { kind: 'look' },
    { kind: 'look', fence: 'latched' },
    { kind: 'gateway-answered' },
    { kind: 'address-answered' },
    { kind: 'standby-asked' },
    { kind: 'standby-probed' },
    { kind: 'lock', lock: { revision: 10, epoch: 3, holder: 'a', seat: 'b' } },
    { kind: 'lock', lock: { revision: 10, epoch: 4, holder: 'b' } },
    { kind: 'lock-failed' },
    { kind: 'link-refused' },
    { kind: 'terminate' },
    { kind: 'beat', beat },
    { kind: 'beat', beat: { ...beat, asks: true } },
    { kind: 'beat', beat: { ...beat, role: 'holder', epoch: 4 } },
    { kind: 'beat', beat: { ...beat, role: 'resigned', resigns: true } },
    { kind: 'beat', beat: { ...beat, role: 'holder', epoch: 4, echoSession: 1 } },
  ];

  test.each(ROLES.map((role) => [JSON.stringify(role), role] as const))(
    '%s has an answer to every event',
    (_text, role) => {
      for (const event of EVENTS) {
        const { state, effects } = nextState({ ...known, role, ownEpoch: 3 }, event, NOW);
        // The address is announced by the pod that has just got it, and by no other.
        const took = state.role.name === 'holder' && role.name !== 'holder';
        expect([event, effects.some(({ kind }) => kind === 'announce')]).toEqual([event, took]);
        expect(fenceMs(state, NOW)).toBeLessThanOrEqual(ALONE_MS);
      }
    },
  );

  test('takes the address in a new epoch, and keeps its own after a mute', () => {
    for (const role of ROLES) {
      for (const event of EVENTS) {
        const { state } = nextState({ ...known, role, ownEpoch: 3 }, event, NOW);
        if (state.role.name !== 'holder' || role.name === 'holder') continue;
        expect([role.name, state.ownEpoch]).toEqual([role.name, role.name === 'muted' ? 3 : 4]);
      }
    }
  });

  test('is over when the pod has ended', () => {
    const ended: PairState = { ...known, role: { name: 'ended', since } };
    for (const event of EVENTS) expect(nextState(ended, event, NOW).state.role).toEqual(ended.role);
  });

  const standby: PairState = {
    ...known,
    role: { name: 'standby', since, trusts: true, knownAt: NOW - 100 },
    name: 'a',
  };
  const resigns: Beat = { ...beat, role: 'resigned', resigns: true };
  test.each([
    ['of another session', { ...resigns, echoSession: 6 }],
    ['that answers no beat of late', { ...resigns, echoSentAt: NOW - 400 }],
    ['that answers a beat of the future', { ...resigns, echoSentAt: NOW + 1 }],
    ['of an older epoch', { ...resigns, epoch: 2 }],
  ])('a standby ignores a resignation %s', (_text, forged) => {
    const seated = { ...standby, lock: { revision: 9, epoch: 3, holder: 'b', seat: 'a' } };
    expect(nextState(seated, { kind: 'beat', beat: forged }, NOW).state.role.name).toBe('standby');
    expect(nextState(seated, { kind: 'beat', beat: resigns }, NOW).state.role.name).toBe('holder');
  });

  test('a beat that is played again says nothing', () => {
    const seated = { ...standby, lock: { revision: 9, epoch: 3, holder: 'b', seat: 'a' } };
    const { state } = nextState(seated, { kind: 'beat', beat: { ...beat, role: 'holder', sentAt: 900 } }, NOW);
    expect(nextState(state, { kind: 'beat', beat: { ...resigns, sentAt: 900 } }, NOW).state.role.name).toBe('standby');
    expect(nextState(state, { kind: 'beat', beat: { ...resigns, sentAt: 899 } }, NOW).state.role.name).toBe('standby');
  });
});

function setWays(pod: Pod, works: boolean, ...ways: ('lanCable' | 'clusterCable')[]): void {
  for (const way of ways) pod[way] = works;
}

function stall(world: World, pod: Pod, ms: number): void {
  pod.stalledUntil = world.now + ms;
}
