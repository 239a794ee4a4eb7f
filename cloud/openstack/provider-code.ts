/** The types of Pulumi's dynamic providers, whose code is in the state of their resources. */
export const PROVIDER_TYPE = 'pulumi-nodejs:dynamic/egress-router:AllowedAddressPair';
export const PORT_SECURITY_PROVIDER_TYPE = 'pulumi-nodejs:dynamic/egress-router:DisabledPortSecurity';

/** The provider in the state of every `AllowedAddressPair`. */
export const PROVIDER_CODE = codeOf('pair-operations', 'an address pair');

/** The provider in the state of every `DisabledPortSecurity`. */
export const PORT_SECURITY_PROVIDER_CODE = codeOf('port-security-operations', 'a port');

/**
 * A module whose `handler` Pulumi's process of dynamic providers calls. It only loads the operations of the installed
 * package, so it contains no credentials, and destroy runs the installed version.
 *
 * It searches the program's folder first; then, for programs of the Automation API with a temporary folder, that of
 * `@pulumi/pulumi`, which runs the process.
 *
 * Written by hand, because the engine writes the whole state after every step: `pulumi.dynamic.Resource` would
 * serialize six functions to four times the length, and load a compiler for it.
 */
function codeOf(operations: string, what: string): string {
  return `exports.handler = () => {
  const { createRequire } = process.getBuiltinModule('node:module');
  let reason;
  for (const place of [process.cwd() + '/', process.argv[1]]) {
    try {
      return createRequire(place)('pulumi-egress-router/openstack/${operations}').provider;
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
      reason ??= error.message.split('\\n', 1)[0];
    }
  }
  throw new Error(\`pulumi-egress-router is not found from \${process.cwd()} (\${reason}): every operation on ${what} needs it, destroy and refresh too; install it in the program's folder (a clone has to be compiled first: npm run build:cloud)\`);
};
`;
}
