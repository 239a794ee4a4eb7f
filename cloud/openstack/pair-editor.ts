import type { AddressPair } from './address-pair';
import { editedList, holdsPair, type PairEdit } from './address-pair-list';
import type { Neutron, Port } from './client/neutron';
import { OpenStackError } from './client/openstack-error';
import { Tries } from './client/retry';

/** What an edit found. */
export interface EditResult {
  /** Whether the list held the pair before. */
  readonly wasPresent: boolean;
}

export interface EditOptions {
  /** Write where Neutron cannot tell whether the port has changed meanwhile. */
  readonly allowUnguardedWrite: boolean;
}

interface WaitingEdit {
  /** The pair that was asked about. */
  readonly pair: AddressPair;
  readonly edits: readonly PairEdit[];
  readonly options: EditOptions;
  resolve(result: EditResult): void;
  reject(error: unknown): void;
}

/**
 * Changes ports' lists, one pair at a time for whoever asks, and all that wait for one port by one write: resources run in
 * parallel and would only meet each other. Other writers are met by the port's revision: nobody's pair is lost.
 */
export class PairEditor {
  /** What waits for each port that is being written. */
  private readonly waiting = new Map<string, WaitingEdit[]>();

  public constructor(private readonly neutron: Neutron) {}

  /**
   * Puts a pair into the list, in place of another if that is named: in one write, so that a full list is no obstacle. No
   * write when the list is right already.
   *
   * @throws an `OpenStackError` that names the request
   */
  public addPair(
    portId: string,
    pair: AddressPair,
    options: EditOptions & { readonly insteadOf?: AddressPair },
  ): Promise<EditResult> {
    const { insteadOf } = options;
    const before: PairEdit[] = insteadOf === undefined ? [] : [{ kind: 'remove', pair: insteadOf }];
    return this.enqueue(portId, pair, [...before, { kind: 'add', pair }], options);
  }

  /** Takes a pair out of the list. No write when it is not there. @throws an `OpenStackError` that names the request */
  public removePair(portId: string, pair: AddressPair, options: EditOptions): Promise<EditResult> {
    return this.enqueue(portId, pair, [{ kind: 'remove', pair }], options);
  }

  private enqueue(
    portId: string,
    pair: AddressPair,
    edits: readonly PairEdit[],
    options: EditOptions,
  ): Promise<EditResult> {
    return new Promise((resolve, reject) => {
      const edit = { pair, edits, options, resolve, reject };
      const queue = this.waiting.get(portId);
      if (queue !== undefined) queue.push(edit);
      else {
        this.waiting.set(portId, [edit]);
        void this.work(portId);
      }
    });
  }

  private async work(portId: string): Promise<void> {
    const queue = this.waiting.get(portId)!;
    // What the last write left is what the next one begins with: a write by somebody else in between is noticed by its revision.
    let port: Port | undefined;
    while (queue.length > 0) {
      port ??= await this.read(portId, queue);
      // Only now, so that those that came while the port was read go with those that were there before.
      if (port !== undefined) port = await this.applyAll(portId, queue.splice(0), port);
    }
    this.waiting.delete(portId);
  }

  /** The port; when it cannot be read, nobody who waits for it need try. */
  private async read(portId: string, queue: WaitingEdit[]): Promise<Port | undefined> {
    try {
      return await this.neutron.port(portId);
    } catch (error) {
      for (const { reject } of queue.splice(0)) reject(error);
      return undefined;
    }
  }

  /** One that Neutron refuses must not fail the others: then each goes alone, unless Neutron is down for all of them. */
  private async applyAll(portId: string, edits: readonly WaitingEdit[], before: Port): Promise<Port | undefined> {
    try {
      const after = await this.apply(portId, edits, before);
      for (const { pair, resolve } of edits) {
        resolve({ wasPresent: holdsPair(before.allowed_address_pairs, pair, before.mac_address) });
      }
      return after;
    } catch (error) {
      const isForAll = error instanceof OpenStackError && error.isTransient;
      if (edits.length === 1 || isForAll) for (const { reject } of edits) reject(error);
      else for (const edit of edits) await this.applyAlone(portId, edit);
      return undefined;
    }
  }

  private async applyAlone(portId: string, edit: WaitingEdit): Promise<void> {
    const port = await this.read(portId, [edit]);
    if (port !== undefined) await this.applyAll(portId, [edit], port);
  }

  /**
   * Changes and writes; reads and does so again when another writer was faster, or when the answer to the write did not come.
   *
   * @returns the port as it is then
   */
  private async apply(portId: string, waiting: readonly WaitingEdit[], before: Port): Promise<Port> {
    const edits = waiting.flatMap((one) => one.edits);
    const tries = new Tries(this.neutron.session.patience);
    for (let port = before; ; port = await this.neutron.port(portId)) {
      const list = editedList(port.allowed_address_pairs, edits, port.mac_address);
      if (list === undefined) return port;
      try {
        return await this.neutron.putPairs(portId, list, await this.revisionOf(port, waiting));
      } catch (error) {
        await tries.afterFailure(error);
      }
    }
  }

  private async revisionOf(port: Port, waiting: readonly WaitingEdit[]): Promise<number | undefined> {
    const { revision_number } = port;
    if (revision_number !== undefined && (await this.neutron.hasRevisionGuard())) return revision_number;
    if (waiting.every(({ options }) => options.allowUnguardedWrite)) return undefined;
    throw new Error(
      `port ${port.id}: this cloud's Neutron lacks the extension revision-if-match, so a write at the same moment as another ` +
        "writer's would lose that one's pairs; allowUnguardedWrite: true accepts that",
    );
  }
}
