import * as pulumi from '@pulumi/pulumi';
import { readInput, readKnown } from '../../cloud/checked-input';
import { Field } from '../../src/domain/input/decoder';
import { ConfigError, type Issue } from '../../src/domain/input/issue';

const readPort = (field: Field) => field.integer(1, 65535, 'a port');

/** What becomes of a value that stands at `router.port`, and the issues that were noted at once. */
function read(port: unknown) {
  const issues: Issue[] = [];
  const field = Field.root({ router: { port } }, issues).member('router').member('port');
  return { result: readInput(field, 'it', readPort), issues };
}

test('a plain value is read at once', () => {
  expect(read(443)).toEqual({ result: 443, issues: [] });
  expect(read(0).issues).toMatchObject([{ path: 'router.port', value: 0, problem: 'is out of range' }]);
  expect(read(undefined).issues).toMatchObject([{ path: 'router.port', problem: 'is missing' }]);
});

test.each([
  ['output', pulumi.output(Promise.resolve(443))],
  ['promise', Promise.resolve(443)],
])('the value of an %s is read when it is known', async (_what, future) => {
  const { result, issues } = read(future);
  expect(issues).toEqual([]);
  expect(pulumi.Output.isInstance(result)).toBe(true);
  expect(await new Promise((resolve) => pulumi.output(result).apply(resolve))).toBe(443);
});

// Not through an output: one that fails ends the process, which is what Pulumi wants.
test('a future value that is wrong is refused as a plain one is', () => {
  expect(readKnown(443, 'router.port', 'it', readPort)).toBe(443);
  expect(() => readKnown('https', 'router.port', 'it', readPort)).toThrow(ConfigError);
  expect(() => readKnown('https', 'router.port', 'it', readPort)).toThrow(
    '[it] router.port: "https" is not a number; accepted: a port, an integer from 1 to 65535',
  );
});
