import type { AddressPair } from './address-pair';

/** A pair, and the port whose list it is in. Ids of ports are unique, whatever a cloud and its region are called. */
export interface PairOnPort extends AddressPair {
  readonly portId: string;
}

/**
 * What one deployment wants, so that a pair may pass from one resource to another: renamed, replaced, with ports swapped. The
 * engine makes the new resource first, which finds the pair there, and then deletes the old one: the pair has to stay.
 *
 * It starts a provider process for each deployment, and has that check every resource which the program declares, the
 * unchanged ones too, before it deletes what the program no longer declares. That holds for deletes that are left over from an
 * engine that was killed in between as well. `destroy` has nothing checked, and takes out all.
 */
export class DeclaredPairs {
  private readonly declared = new Set<string>();
  private readonly removed = new Set<string>();

  /** A resource of the program has this pair. */
  public declare(pair: PairOnPort): void {
    this.declared.add(keyOf(pair));
  }

  public isDeclared(pair: PairOnPort): boolean {
    return this.declared.has(keyOf(pair));
  }

  /** The pair goes, before anybody was found to want it: with `deleteBeforeReplace`, deletes come between the checks. */
  public markRemoved(pair: PairOnPort): void {
    this.removed.add(keyOf(pair));
  }

  /** Whether a resource whose pair this is has to put it in again, although nothing about it has changed. */
  public wasRemoved(pair: PairOnPort): boolean {
    return this.removed.has(keyOf(pair));
  }
}

function keyOf({ portId, ipAddress, macAddress }: PairOnPort): string {
  return `${portId} ${ipAddress} ${macAddress}`;
}
