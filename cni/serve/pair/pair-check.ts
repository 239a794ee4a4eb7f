import type { IpAddress } from '../../../src/domain/values/ip-address';
import { standbyOf } from '../../standby/pair-state';
import { SEAT_MS } from '../../standby/pair-timers';
import type { Role } from '../../standby/role';
import { type CheckResult, checkResult } from '../check-result';
import type { ServePart } from '../serve-part';
import type { Pair } from './pair';
import type { PairSlices } from './pair-slices';

/** Milliseconds after which a gateway is silent. */
const SILENT_MS = 1000;

export interface PairCheckOptions {
  readonly pair: Pair;
  readonly slices: PairSlices;
  readonly gateways: readonly IpAddress[];
  /** Why the pair has no key, as a sentence. */
  readonly keyProblem: () => string | undefined;
}

/**
 * Checks the pod's part of a pair. Of the holder only its own way decides whether it is ready: a standby or an API
 * server that is missing takes no traffic from it.
 */
export class PairCheck implements ServePart {
  public readonly checks = ['gateway', 'pair'] as const;

  public constructor(private readonly options: PairCheckOptions) {}

  public check(now: number): readonly CheckResult[] {
    const { pair } = this.options;
    const { role } = pair.state;
    const isHolder = role.name === 'holder';
    const problems = [...(isHolder ? [] : notServing(role)), ...this.problems(now)];
    return [this.gateway(role, now), { ...checkResult('pair', problems, isHolder), note: this.note() }];
  }

  /** A link that is down hears no gateway. */
  private gateway({ name, since }: Role, now: number): CheckResult {
    const { pair, gateways } = this.options;
    const listens = name === 'holder' || name === 'standby' || name === 'probing';
    if (!listens || now - since < SILENT_MS) return checkResult('gateway', []);
    const silent = gateways.filter((gateway) => !pair.hears(gateway, now - SILENT_MS));
    return checkResult(
      'gateway',
      silent.map(({ family, text }) => {
        const question = name === 'holder' ? '' : " from the standby's MAC address, without an address as its sender";
        return `gateway ${text} does not answer ${family === 4 ? 'ARP' : 'neighbour solicitations'}${question}`;
      }),
    );
  }

  private problems(now: number): string[] {
    const { pair, slices, keyProblem } = this.options;
    const { state } = pair;
    const own = [pair.problem, keyProblem(), ...slices.problems].flatMap((problem) => problem ?? []);
    if (state.role.name !== 'holder' || now - state.role.since < SEAT_MS) return own;
    return standbyOf(state, now) === undefined ? [...own, 'no standby is heard on the cluster network'] : own;
  }

  /** What the pod is. */
  private note(): string {
    const { role, epoch, lock } = this.options.pair.state;
    if (role.name === 'holder') return `holder, epoch ${epoch}`;
    return `${role.name}, epoch ${epoch}, holder ${lock?.holder ?? 'unknown'}`;
  }
}

/** Why a pod without the address does not stand by. */
function notServing(role: Role): string[] {
  switch (role.name) {
    case 'standby':
    case 'probing':
      return role.trusts ? [] : ['the holder was not heard on the LAN yet'];
    case 'waiting':
      return ['waits until the place of the standby is free'];
    default:
      return [`is ${role.name}: its link is down`];
  }
}
