/**
 * What the resources of one deployment hold, by keys, so that it can pass from one resource to another: renamed,
 * replaced, with ports swapped. The engine creates the new resource first, which adopts what the old one made, and then
 * deletes the old one: what it made has to stay.
 *
 * The engine starts a provider process for each deployment, which checks every declared resource, even unchanged ones,
 * before the engine deletes resources that are no longer declared. That also holds for deletes that a killed engine
 * left over. `destroy` checks nothing, and removes everything.
 */
export class DeclaredResources {
  private readonly declared = new Set<string>();
  private readonly removed = new Set<string>();

  /** Registers what a declared resource holds. */
  public declare(key: string): void {
    this.declared.add(key);
  }

  public isDeclared(key: string): boolean {
    return this.declared.has(key);
  }

  /** Registers what was removed and is not declared yet: with `deleteBeforeReplace`, deletes precede later checks. */
  public markRemoved(key: string): void {
    this.removed.add(key);
  }

  /** Whether its resource must make it again, although the inputs have not changed. */
  public wasRemoved(key: string): boolean {
    return this.removed.has(key);
  }
}
