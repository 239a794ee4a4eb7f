import { type AddressPair, canonicalMac } from './address-pair';
import { editedList, holdsPair, type PairEdit } from './address-pair-list';
import type { Neutron, Port } from './client/neutron';
import { OpenStackError } from './client/openstack-error';
import { isBoundByOvn, OVN_WAY_OUT } from './client/ovn';
import { Tries } from './client/retry';
import { guardedRevision } from './revision-guard';

/** The result of an edit. */
export interface EditResult {
  /** Whether the list contained the pair before. */
  readonly wasPresent: boolean;
}

export interface EditOptions {
  /** Write even if Neutron cannot detect a concurrent change of the port. */
  readonly allowUnguardedWrite: boolean;
}

interface WaitingEdit {
  /** The requested pair. */
  readonly pair: AddressPair;
  readonly edits: readonly PairEdit[];
  readonly options: EditOptions;
  resolve(result: EditResult): void;
  reject(error: unknown): void;
}

/**
 * Changes the lists of ports. Callers change one pair each; all changes that wait for a port are combined into one
 * write, because parallel resources would conflict with each other. The port's revision detects other writers, so that
 * no pair is lost.
 */
export class PairEditor {
  /** The waiting edits of each port that is being written. */
  private readonly waiting = new Map<string, WaitingEdit[]>();

  public constructor(private readonly neutron: Neutron) {}

  /**
   * Adds a pair to the list, and removes a replaced one in the same write, so that the list may be full. Does not write
   * if the list already has the pair.
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

  /** Removes a pair from the list, if it is there. @throws an `OpenStackError` that names the request */
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
    // The next write starts from the result of the last one: the revision detects another writer in between.
    let port: Port | undefined;
    while (queue.length > 0) {
      port ??= await this.read(portId, queue);
      // Only now, so that edits that arrived while the port was read are included.
      if (port !== undefined) port = await this.applyAll(portId, queue.splice(0), port);
    }
    this.waiting.delete(portId);
  }

  /** Reads the port. If that fails, all waiting edits fail. */
  private async read(portId: string, queue: WaitingEdit[]): Promise<Port | undefined> {
    try {
      return await this.neutron.port(portId);
    } catch (error) {
      for (const { reject } of queue.splice(0)) reject(error);
      return undefined;
    }
  }

  /** A rejected edit must not fail the others: then each is written alone, unless Neutron is unreachable. */
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
   * Changes and writes the list; reads the port and retries if another writer was faster or the answer to the write was
   * lost.
   *
   * @returns the port after the change
   */
  private async apply(portId: string, waiting: readonly WaitingEdit[], before: Port): Promise<Port> {
    const edits = waiting.flatMap((one) => one.edits);
    const tries = new Tries(this.neutron.session.patience);
    for (let port = before; ; port = await this.neutron.port(portId)) {
      const list = editedList(port.allowed_address_pairs, edits, port.mac_address);
      if (list === undefined) return port;
      if (edits.some((edit) => edit.kind === 'add' && !isDelivered(port, edit.pair))) throw notDelivered(port);
      try {
        const allowUnguardedWrite = waiting.every(({ options }) => options.allowUnguardedWrite);
        return await this.neutron.putPairs(
          portId,
          list,
          await guardedRevision(this.neutron, port, allowUnguardedWrite),
        );
      } catch (error) {
        await tries.afterFailure(error);
      }
    }
  }
}

/** Whether frames to a new pair's MAC address reach the node of the router. */
function isDelivered(port: Port, { ipAddress, macAddress }: AddressPair): boolean {
  if (!isBoundByOvn(port) || macAddress === canonicalMac(port.mac_address)) return true;
  return holdsPair(port.allowed_address_pairs, { ipAddress, macAddress }, port.mac_address);
}

function notDelivered({ id }: Port): Error {
  return new Error(`port ${id}: the backend of this port is ML2/OVN (binding:vif_details): ${OVN_WAY_OUT}`);
}
