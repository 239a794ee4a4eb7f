import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Program } from './pulumi/run';
import { missingPulumi, type Running, TestStack } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';
import type { GateKeeper, PassingRequest } from './server/gate';

const INSTALLERS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];
const IP = '192.168.12.99';
const MAC = '02:00:c0:a8:0c:63';

describeWithOpenStack(
  'an engine that is killed',
  (cloud) => {
    let stack: TestStack;

    beforeEach(() => {
      stack = new TestStack(cloud().variables);
    });

    afterEach(async () => {
      // A provider that goes on would write while the next test looks.
      await expectEventually(() => stack.stillRunning(), []);
      stack.remove();
    });

    async function node() {
      const { admin, networkId } = cloud();
      const { id: portId } = await admin.createPort(networkId, { pairs: INSTALLERS });
      const program: Program = { pairs: { billing: { portId, ipAddress: IP, macAddress: MAC } } };
      const before = await admin.pairs(portId);
      return { portId, program, before, after: [...before, `${IP} ${MAC}`].sort() };
    }

    /** Starts an operation and kills it at the PUT of the port, before Neutron has seen it or after it was done. */
    async function killAtWrite(
      operation: 'up' | 'destroy',
      { portId, program }: { portId: string; program: Program },
      moment: keyof GateKeeper,
    ) {
      const { gate } = cloud();
      const writeCame = new Promise<void>((resolve) => {
        const held = async ({ method, path }: PassingRequest, status = 200) => {
          if (method !== 'PUT' || !path.endsWith(portId) || status !== 200) return undefined;
          resolve();
          // The answer never comes: who asked is dead.
          return new Promise<never>(() => {});
        };
        gate.keeper = moment === 'before' ? { before: held } : { after: held };
      });
      const running: Running = stack.start(operation, program);
      const ended = running.outcome.then(
        () => 'it ended by itself',
        (error) => String(error),
      );
      await Promise.race([writeCame, ended]);
      await running.kill();
      await expectEventually(() => stack.stillRunning(), []);
      gate.reset();
      return ended;
    }

    test.each(['before', 'after'] as const)(
      '%s Neutron sees the write: cancel, up, and all is right',
      async (moment) => {
        const { admin } = cloud();
        const { portId, program, before, after } = await node();
        expect(await killAtWrite('up', { portId, program }, moment)).toContain('SIGKILL');
        expect(await admin.pairs(portId)).toEqual(moment === 'before' ? before : after);

        // The lock of the killed engine; docs/cloud.md says what to do.
        await expect(stack.up(program)).rejects.toThrow('pulumi cancel');
        await stack.cancel();
        expect((await stack.up(program)).changes).toMatchObject({ create: 1 });
        expect(await admin.pairs(portId)).toEqual(after);
        expect((await stack.preview(program)).changes).toEqual({ same: 2 });

        // Destroy takes it out, whichever of the two runs has put it in.
        await stack.destroy();
        expect(await admin.pairs(portId)).toEqual(before);
      },
    );

    test.each(['before', 'after'] as const)('while it destroys, %s Neutron sees the write', async (moment) => {
      const { admin } = cloud();
      const { portId, program, before, after } = await node();
      await stack.up(program);
      expect(await killAtWrite('destroy', { portId, program }, moment)).toContain('SIGKILL');
      expect(await admin.pairs(portId)).toEqual(moment === 'before' ? after : before);

      await stack.cancel();
      await stack.destroy();
      expect(await admin.pairs(portId)).toEqual(before);
    });

    test('at any moment, three times: the next up converges', async () => {
      const { admin } = cloud();
      const { portId, program, before, after } = await node();
      for (let attempt = 0; attempt < 3; attempt++) {
        const running = stack.start('up', program);
        const ended = running.outcome.catch(() => undefined);
        const delay = randomInt(500, 4000);
        await Promise.race([ended, sleep(delay)]);
        await running.kill();
        await ended;
        await stack.cancel();
        await stack.up(program);
        expect({ delay, pairs: await admin.pairs(portId) }).toEqual({ delay, pairs: after });
        await stack.destroy();
        expect({ delay, pairs: await admin.pairs(portId) }).toEqual({ delay, pairs: before });
      }
    });
  },
  missingPulumi,
);

/** The kernel takes a moment for a process that was killed. */
async function expectEventually<T>(look: () => T, expected: T): Promise<void> {
  for (const start = Date.now(); Date.now() - start < 5000; await sleep(50)) {
    if (isDeepStrictEqual(look(), expected)) return;
  }
  expect(look()).toEqual(expected);
}
