import type { dynamic } from '@pulumi/pulumi';
import type { Field } from '../../src/domain/input/decoder';
import { checkInputs } from './check-inputs';
import type { Connection } from './client/credentials';
import type { Port } from './client/neutron';
import { explainMissingPort, isPortGone } from './client/port-gone';
import { clientOf } from './cloud-client';
import { DeclaredResources } from './declared-resources';

/** The inputs of every resource that changes a port of others. */
export interface PortInputs extends Connection {
  readonly portId: string;
}

/** What a kind of resource does to a port of others, and which inputs tell one resource from another. */
export interface PortResource<Inputs extends PortInputs, State extends Inputs> {
  /** The reader of each input, into canonical text. */
  readonly readers: { readonly [K in keyof Inputs]-?: (field: Field) => Inputs[K] | undefined };
  /** The inputs whose new value is an update. */
  readonly compared: readonly (keyof Inputs & string)[];
  /** Those of `compared` whose new value replaces the resource. */
  readonly replacing: readonly (keyof Inputs & string)[];
  /** What the resource holds: another resource with the same key holds it too. */
  keyOf(inputs: Inputs): string;
  /** The id in Pulumi's state. */
  idOf(inputs: Inputs): string;
  /** Changes the port, or adopts what is there. */
  make(inputs: Inputs): Promise<State>;
  /** Changes the port from one state to another. */
  change(olds: State, news: Inputs, resources: DeclaredResources): Promise<State>;
  /** Whether the port is as `make` left it. */
  isMade(port: Port, state: State): boolean;
  /** Whether the change outlives its resource. */
  isKept(state: State): boolean;
  /** Takes the change back. */
  undo(state: State): Promise<void>;
}

/** The operations of a kind of resource, in one process, which serves one deployment. */
export class PortOperations<Inputs extends PortInputs, State extends Inputs> {
  /** Port ids are unique, across clouds and regions. */
  private readonly resources = new DeclaredResources();

  public constructor(private readonly kind: PortResource<Inputs, State>) {}

  /**
   * Reads the inputs into canonical text, so that another spelling is not a change, and rejects invalid ones before any
   * request.
   */
  public readonly check = (news: Record<string, unknown>): dynamic.CheckResult => {
    const checked = checkInputs(news, this.kind.readers);
    if (checked.failures.length === 0) this.resources.declare(this.kind.keyOf(checked.inputs as unknown as Inputs));
    return checked;
  };

  /** Compares inputs. A change that another resource of the deployment took back is made again. */
  public readonly diff = (olds: Record<string, unknown>, news: Record<string, unknown>): dynamic.DiffResult => {
    const { compared, replacing } = this.kind;
    const changed = compared.filter((name) => olds[name] !== news[name]);
    const isLost = this.resources.wasRemoved(this.kind.keyOf(news as unknown as Inputs));
    const replaces = changed.filter((name) => replacing.includes(name));
    return { changes: changed.length > 0 || isLost, replaces, deleteBeforeReplace: false };
  };

  /** Changes the port. @throws an error that explains a missing port: usually the user cannot see it */
  public readonly create = async (inputs: Inputs): Promise<dynamic.CreateResult<State>> => {
    const outs = await explained(inputs, this.kind.make(inputs));
    return { id: this.kind.idOf(inputs), outs };
  };

  /** Changes the port again. @throws as `create` */
  public readonly update = async (olds: State, news: Inputs): Promise<dynamic.UpdateResult<State>> => {
    return { outs: await explained(news, this.kind.change(olds, news, this.resources)) };
  };

  /** Returns nothing if the change was taken back or the port is gone: then the next `up` makes it again. */
  public readonly read = async (state: State): Promise<dynamic.ReadResult<State>> => {
    const port = await unlessGone(() => clientOf(state).neutron.port(state.portId));
    const isMade = port !== undefined && this.kind.isMade(port, state);
    return isMade ? { id: this.kind.idOf(state), props: state } : {};
  };

  /** Takes the change back, unless the port is gone or another resource of the program holds the same. */
  public readonly remove = async (state: State): Promise<void> => {
    const key = this.kind.keyOf(state);
    if (this.kind.isKept(state) || this.resources.isDeclared(key)) return;
    this.resources.markRemoved(key);
    await unlessGone(() => this.kind.undo(state));
  };

  /** The provider that the code in the state returns to Pulumi. @see ./provider-code */
  public readonly provider: dynamic.ResourceProvider<Inputs, State> = {
    check: async (_olds, news: object) => this.check({ ...news }),
    diff: async (_id, olds: object, news: object) => this.diff({ ...olds }, { ...news }),
    create: this.create,
    update: (_id, olds, news) => this.update(olds, news),
    read: (_id, state) => this.read(state!),
    delete: (_id, state) => this.remove(state),
  };
}

async function explained<T>({ portId }: PortInputs, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw explainMissingPort(error, portId);
  }
}

/** @returns nothing if the port is gone */
async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isPortGone(error)) return undefined;
    throw error;
  }
}
