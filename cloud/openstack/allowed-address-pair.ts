import * as pulumi from '@pulumi/pulumi';
import { Field } from '../../src/config/decoder';
import { ConfigError, type Issue } from '../../src/config/issue';
import { readInput } from '../checked-input';
import type { AllowedAddressPairArgs } from './allowed-address-pair-args';
import { claimPair } from './pair-claims';
import { PAIR_IDENTITY, PAIR_INPUT_NAMES, PAIR_INPUTS } from './pair-inputs';

/**
 * Pulumi writes the provider's code into the state of every resource, and runs it from there. So it holds nothing but the way
 * to the operations in the installed package: state stays small, holds no credentials, and destroy runs the code of today.
 *
 * The folder of the program comes first; then, for programs of the Automation API whose folder is a temporary one, that of
 * `@pulumi/pulumi`, whose process this is.
 */
function operations(): typeof import('./pair-operations') {
  const { createRequire } = process.getBuiltinModule('node:module');
  let reason = '';
  for (const place of [`${process.cwd()}/`, process.argv[1]!]) {
    try {
      return createRequire(place)('pulumi-egress-router/openstack/pair-operations');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'MODULE_NOT_FOUND') throw error;
      reason ||= message.split('\n', 1)[0]!;
    }
  }
  throw new Error(
    `pulumi-egress-router is not found from ${process.cwd()} (${reason}): every operation on an address pair needs it, ` +
      "destroy and refresh too; install it in the program's folder (a clone has to be compiled first: npm run build:cloud)",
  );
}

const provider: pulumi.dynamic.ResourceProvider = {
  check: async (_olds, news) => operations().check(news),
  diff: async (_id, olds, news) => operations().diff(olds, news),
  create: async (inputs) => operations().create(inputs),
  update: async (_id, olds, news) => operations().update(olds, news),
  read: async (_id, state) => operations().read(state),
  delete: async (_id, state) => operations().remove(state),
};

/**
 * One allowed address pair on one Neutron port that somebody else owns: an installer, the Machine API, Nova. The port's other
 * pairs are never touched; the API's and ingress' addresses of a cluster are among them.
 *
 * Where the stack owns the port, use `openstack.networking.Port` with `allowedAddressPairs()` of this package instead.
 *
 * Credentials are read from clouds.yaml and the `OS_*` variables when a request is made. They are in no input and no state.
 */
export class AllowedAddressPair extends pulumi.dynamic.Resource {
  /** UUID of the port. */
  public readonly portId!: pulumi.Output<string>;

  /** The address, in canonical text. */
  public readonly ipAddress!: pulumi.Output<string>;

  /** The MAC address, in lower case. */
  public readonly macAddress!: pulumi.Output<string>;

  /** Whether the pair was there before this resource was made. */
  public readonly adopted!: pulumi.Output<boolean>;

  /**
   * @param name name of the resource
   * @param args which pair, on which port
   * @param opts options of every resource but `import`: a pair that is there is adopted
   * @throws an error that names every argument that is wrong, its value and what is accepted; or the resource that has the pair
   */
  public constructor(name: string, args: AllowedAddressPairArgs, opts?: pulumi.CustomResourceOptions) {
    const where = `AllowedAddressPair "${name}"`;
    const inputs = claimPair(readArgs(where, args, opts), where);
    super(provider, name, { ...inputs, adopted: undefined }, opts, 'egress-router', 'AllowedAddressPair');
  }
}

/** What the program knows is checked here, with its name; the rest by the provider, as soon as it is known. */
function readArgs(where: string, args: AllowedAddressPairArgs, opts?: pulumi.CustomResourceOptions): pulumi.Inputs {
  const issues: Issue[] = [];
  // The engine would ask for a provider by the resource's state, and an import has none.
  Field.root({ import: opts?.import }, issues)
    .member('import')
    .optional((field) =>
      field.refuse('is an option that dynamic resources do not have', 'no `import`: a pair that is there is adopted'),
    );
  const root = Field.root(args, issues);
  const inputs: pulumi.Inputs = {};
  if (root.isObjectOf(PAIR_INPUT_NAMES)) {
    for (const key of PAIR_INPUT_NAMES) {
      const field = root.member(key);
      const isNeeded = (PAIR_IDENTITY as readonly string[]).includes(key);
      if (field.isPresent || isNeeded) inputs[key] = readInput<unknown>(field, where, PAIR_INPUTS[key]);
    }
  }
  if (issues.length > 0) throw new ConfigError(issues, where);
  return inputs;
}
