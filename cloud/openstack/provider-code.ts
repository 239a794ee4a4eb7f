/** What Pulumi runs resources by whose provider is code in their state: its process of dynamic providers. */
export const PROVIDER_TYPE = 'pulumi-nodejs:dynamic/egress-router:AllowedAddressPair';

/**
 * The provider, as the state of every resource has it: a module whose `handler` that process calls. It holds nothing but the
 * way to the operations in the installed package, so it holds no credentials, and destroy runs the code of today.
 *
 * The folder of the program comes first; then, for programs of the Automation API whose folder is a temporary one, that of
 * `@pulumi/pulumi`, whose process this is.
 *
 * Written by hand, because the engine writes the whole state after every step: `pulumi.dynamic.Resource` would make the same of
 * six functions, four times as long, and would load a compiler for it.
 */
export const PROVIDER_CODE = `exports.handler = () => {
  const { createRequire } = process.getBuiltinModule('node:module');
  let reason;
  for (const place of [process.cwd() + '/', process.argv[1]]) {
    try {
      return createRequire(place)('pulumi-egress-router/openstack/pair-operations').provider;
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
      reason ??= error.message.split('\\n', 1)[0];
    }
  }
  throw new Error(\`pulumi-egress-router is not found from \${process.cwd()} (\${reason}): every operation on an address pair needs it, destroy and refresh too; install it in the program's folder (a clone has to be compiled first: npm run build:cloud)\`);
};
`;
