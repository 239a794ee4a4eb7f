/**
 * A program of resources that do nothing: the cost of the engine and its process of dynamic providers. Their number is
 * in the environment, because setting it in the stack's configuration would take time.
 */
import * as pulumi from '@pulumi/pulumi';

export const COUNT_VARIABLE = 'EGRESS_ROUTER_BENCH_RESOURCES';

const CODE = `exports.handler = () => ({
  check: async (_olds, news) => ({ inputs: news }),
  diff: async () => ({ changes: false }),
  create: async (inputs) => ({ id: 'idle', outs: inputs }),
});`;

class Idle extends pulumi.CustomResource {
  public constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super('pulumi-nodejs:dynamic/bench:Idle', name, { ...inputs, __provider: CODE }, opts);
  }
}

export function program(): void {
  const parent = new pulumi.ComponentResource('bench:index:Idle', 'idle');
  for (let index = 0; index < Number(process.env[COUNT_VARIABLE]); index++) {
    // The inputs and outputs of an address pair, so that the engine writes the same amount of state.
    const inputs = {
      portId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      ipAddress: '192.168.12.99',
      macAddress: '02:00:5e:10:00:63',
      adopted: false,
    };
    new Idle(`idle-${inputs.portId}-${inputs.ipAddress}`, inputs, { parent });
  }
}
