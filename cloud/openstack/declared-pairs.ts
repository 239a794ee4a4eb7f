import type { AddressPair } from './address-pair';

/** A pair and its port. Port ids are unique, across clouds and regions. */
export interface PairOnPort extends AddressPair {
  readonly portId: string;
}

/**
 * The pairs of one deployment, so that a pair can pass from one resource to another: renamed, replaced, with ports
 * swapped. The engine creates the new resource first, which adopts the pair, and then deletes the old one: the pair has
 * to stay.
 *
 * The engine starts a provider process for each deployment, which checks every declared resource, even unchanged ones,
 * before the engine deletes resources that are no longer declared. That also holds for deletes that a killed engine
 * left over. `destroy` checks nothing, and removes every pair.
 */
export class DeclaredPairs {
  private readonly declared = new Set<string>();
  private readonly removed = new Set<string>();

  /** Registers a pair of a declared resource. */
  public declare(pair: PairOnPort): void {
    this.declared.add(keyOf(pair));
  }

  public isDeclared(pair: PairOnPort): boolean {
    return this.declared.has(keyOf(pair));
  }

  /**
   * Registers a removed pair that no resource has declared yet: with `deleteBeforeReplace`, deletes precede later
   * checks.
   */
  public markRemoved(pair: PairOnPort): void {
    this.removed.add(keyOf(pair));
  }

  /** Whether the resource of a pair must add it again, although its inputs have not changed. */
  public wasRemoved(pair: PairOnPort): boolean {
    return this.removed.has(keyOf(pair));
  }
}

function keyOf({ portId, ipAddress, macAddress }: PairOnPort): string {
  return `${portId} ${ipAddress} ${macAddress}`;
}
