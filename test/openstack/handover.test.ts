/**
 * A pair that passes from one resource to another in one update. The engine makes the new resource, which finds the
 * pair, and then deletes the old one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './pulumi/run';
import { missingPulumi, TestStack } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';

const INSTALLERS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];
const IP = '192.168.12.99';
const MAC = '02:00:c0:a8:0c:63';
const OURS = `${IP} ${MAC}`;
const ROUTERS = [{ addresses: [{ ip: IP }], macAddress: MAC }];

describeWithOpenStack(
  'a pair that passes from one resource to another',
  (cloud) => {
    let stack: TestStack;

    beforeEach(() => {
      stack = new TestStack(cloud().variables);
    });

    afterEach(() => stack.remove());

    async function ports(count: number): Promise<string[]> {
      const { admin, networkId } = cloud();
      const made = Array.from({ length: count }, () => admin.createPort(networkId, { pairs: INSTALLERS }));
      return (await Promise.all(made)).map(({ id }) => id);
    }

    const pairsOf = (portIds: readonly string[]) => Promise.all(portIds.map((id) => cloud().admin.pairs(id)));

    /** From the first program to the second, and to nothing: the pairs never leave the ports before that. */
    async function handOver(portIds: readonly string[], first: Program, second: Program, changes: object) {
      const { gate } = cloud();
      const before = await pairsOf(portIds);
      const wanted = before.map((pairs) => [...pairs, OURS].sort());
      await stack.up(first);
      expect(await pairsOf(portIds)).toEqual(wanted);

      gate.reset();
      expect((await stack.up(second)).changes).toMatchObject(changes);
      expect(await pairsOf(portIds)).toEqual(wanted);
      expect(gate.writes).toBe(0);

      expect((await stack.up({ ...second, replace: [] })).changes).not.toHaveProperty('create');
      await stack.destroy();
      expect(await pairsOf(portIds)).toEqual(before);
    }

    const single = (name: string, portId: string) => ({ [name]: { portId, ipAddress: IP, macAddress: MAC } });
    const component = (name: string, nodes: readonly { portId: string; name?: string }[]): Program => ({
      ports: { [name]: { routers: ROUTERS, nodes } },
    });

    test('a resource with another name', async () => {
      const [portId] = await ports(1);
      const [first, second] = [{ pairs: single('old', portId!) }, { pairs: single('new', portId!) }];
      await handOver([portId!], first, second, { create: 1, delete: 1 });
    });

    test('a component with another name', async () => {
      const portIds = await ports(2);
      const nodes = portIds.map((portId) => ({ portId }));
      await handOver(portIds, component('old', nodes), component('new', nodes), { create: 3, delete: 3 });
    });

    test('a component with another name that says so is the same one', async () => {
      const [portId] = await ports(1);
      const second = { ...component('new', [{ portId: portId! }]), formerNames: { new: 'old' } };
      await handOver([portId!], component('old', [{ portId: portId! }]), second, { same: 3 });
    });

    test('a node that gets a name is the same one; with another name it is not, and keeps its pairs', async () => {
      const [portId] = (await ports(1)) as [string];
      const named = (name: string) => component('partner', [{ portId, name }]);
      expect((await stack.up(component('partner', [{ portId }]))).changes).toEqual({ create: 3 });
      expect((await stack.up(named('worker-1'))).changes).toEqual({ same: 3 });
      await stack.destroy();
      await handOver([portId], named('worker-1'), named('node-1'), { create: 1, delete: 1 });
    });

    test('two nodes with each other’s ports', async () => {
      const portIds = (await ports(2)) as [string, string];
      const nodes = (one: string, other: string) => [
        { name: 'worker-1', portId: one },
        { name: 'worker-2', portId: other },
      ];
      const [one, other] = portIds;
      const swapped = component('partner', nodes(other, one));
      await handOver(portIds, component('partner', nodes(one, other)), swapped, { replace: 2 });
    });

    test('pulumi up --replace', async () => {
      const [portId] = await ports(1);
      const pairs = single('billing', portId!);
      await handOver([portId!], { pairs }, { pairs, replace: ['billing'] }, { replace: 1 });
    });

    describe('an engine that is killed when the new resource is there and the old one still is', () => {
      /** Kills it while it makes a third resource, before which nothing is deleted. */
      async function killBeforeDeletes(program: Program, lastPort: string, isInState: (state: string) => boolean) {
        const { gate } = cloud();
        gate.keeper = { before: ({ path }) => (path.endsWith(lastPort) ? new Promise<never>(() => {}) : undefined) };
        const running = stack.start('up', program);
        const ended = running.outcome.then(
          () => 'ended by itself',
          (error) => String(error),
        );
        const seen = untilState(isInState).then(() => 'seen', String);
        expect(await Promise.race([seen, ended])).toBe('seen');
        await running.kill();
        await ended;
        gate.reset();
        await stack.cancel();
      }

      async function untilState(isInState: (state: string) => boolean): Promise<void> {
        for (const start = Date.now(); Date.now() - start < 300_000; await sleep(50)) {
          if (isInState(stack.currentState())) return;
        }
        throw new Error(`not in the state: ${stack.currentState()}`);
      }

      test.each([
        {
          what: 'another name',
          second: (portId: string): Program => ({ pairs: single('new', portId) }),
          isInState: (state: string) => state.includes('::old"') && idsIn(state) === 2,
        },
        {
          what: 'replaced',
          second: (portId: string): Program => ({ pairs: single('old', portId), replace: ['old'] }),
          isInState: (state: string) => state.includes('"delete":true') && idsIn(state) === 2,
        },
      ])('$what: the next update deletes the old one and leaves the pair', async ({ second, isInState }) => {
        const [portId, lastPort] = (await ports(2)) as [string, string];
        const before = await pairsOf([portId, lastPort]);
        await stack.up({ pairs: single('old', portId) });
        const program = second(portId);
        const withLast = { ...program, pairs: { ...program.pairs, ...single('last', lastPort) } };
        await killBeforeDeletes(withLast, lastPort, isInState);

        expect((await stack.up({ pairs: withLast.pairs })).changes).toMatchObject({ create: 1 });
        expect(idsIn(stack.currentState())).toBe(2); // the old one is gone: this and the last are left
        expect(await pairsOf([portId, lastPort])).toEqual(before.map((pairs) => [...pairs, OURS].sort()));
        expect((await stack.up({ pairs: withLast.pairs })).changes).toEqual({ same: 3 });
        await stack.destroy();
        expect(await pairsOf([portId, lastPort])).toEqual(before);
      });

      test('destroy takes out the pair of both', async () => {
        const [portId, lastPort] = (await ports(2)) as [string, string];
        const before = await pairsOf([portId, lastPort]);
        await stack.up({ pairs: single('old', portId) });
        const program = { pairs: { ...single('new', portId), ...single('last', lastPort) } };
        await killBeforeDeletes(program, lastPort, (state) => state.includes('::old"') && idsIn(state) === 2);
        await stack.destroy();
        expect(await pairsOf([portId, lastPort])).toEqual(before);
      });
    });

    describe('two resources on one port exchange what they have', () => {
      const OTHER_IP = '192.168.12.98';
      const OTHER_MAC = '02:00:c0:a8:0c:62';
      const THIRD_MAC = '02:00:c0:a8:0c:61';

      test.each([
        { what: 'MACs', first: [IP, MAC, OTHER_IP, OTHER_MAC], second: [IP, OTHER_MAC, OTHER_IP, MAC], writes: [1, 2] },
        { what: 'MACs of one IP', first: [IP, MAC, IP, OTHER_MAC], second: [IP, OTHER_MAC, IP, MAC], writes: [0, 2] },
        {
          what: 'a MAC, which one of them gives up',
          first: [IP, MAC, IP, OTHER_MAC],
          second: [IP, OTHER_MAC, IP, THIRD_MAC],
          writes: [1, 2],
        },
        {
          what: 'everything',
          first: [IP, MAC, OTHER_IP, OTHER_MAC],
          second: [OTHER_IP, OTHER_MAC, IP, MAC],
          writes: [0, 0],
        },
      ] as const)('$what, on a port whose list is full', async ({ first, second, writes: [least, most] }) => {
        const { admin, gate, networkId } = cloud();
        const others = Array.from({ length: 8 }, (_, index) => ({ ip_address: `10.20.0.${index + 1}` }));
        const { id: portId } = await admin.createPort(networkId, { pairs: others });
        const before = await admin.pairs(portId);
        const program = ([ip, mac, otherIp, otherMac]: readonly string[]): Program => ({
          pairs: {
            one: { portId, ipAddress: ip!, macAddress: mac! },
            other: { portId, ipAddress: otherIp!, macAddress: otherMac! },
          },
        });
        const wanted = ([ip, mac, otherIp, otherMac]: readonly string[]) =>
          [...before, `${ip} ${mac}`, `${otherIp} ${otherMac}`].sort();

        await stack.up(program(first));
        expect(await admin.pairs(portId)).toEqual(wanted(first));
        gate.reset();
        await stack.up(program(second));
        expect(await admin.pairs(portId)).toEqual(wanted(second));
        expect(gate.writes).toBeGreaterThanOrEqual(least);
        expect(gate.writes).toBeLessThanOrEqual(most);

        expect((await stack.up(program(second))).changes).toEqual({ same: 3 });
        await stack.destroy();
        expect(await admin.pairs(portId)).toEqual(before);
      });
    });

    test('two resources for one pair are refused with both their names', async () => {
      const [portId] = (await ports(1)) as [string];
      const program = { pairs: single('one', portId), ...component('partner', [{ portId, name: 'worker-1' }]) };
      const refused = stack.up(program);
      await expect(refused).rejects.toThrow(`AllowedAddressPair "partner-worker-1-${IP}"`);
      await expect(refused).rejects.toThrow('is the port of AllowedAddressPair "one" too');
    });
  },
  missingPulumi,
);

/** How many address pairs the state holds: their ids begin with a port's. */
function idsIn(state: string): number {
  return state.match(/"id":"[0-9a-f-]{36}\/192/g)?.length ?? 0;
}
