/**
 * Runs a Pulumi program that is a file, without an engine, and writes the types of what it registered into another file:
 *
 *     tsx run-under-mocks.ts PROGRAM REGISTERED.json
 */
import { writeFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';

const [program, registered] = process.argv.slice(2) as [string, string];
const types: string[] = [];
pulumi.runtime.setMocks({
  newResource({ type, name, inputs }) {
    types.push(type);
    return { id: `${name}-id`, state: inputs };
  },
  call: () => ({ id: 'looked-up' }),
});
process.on('exit', () => writeFileSync(registered, JSON.stringify(types)));
require(program);
