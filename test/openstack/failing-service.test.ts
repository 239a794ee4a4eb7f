/** Neutron behind a gate that refuses, delays and swallows: what is tried again, when that ends, and what it leaves. */
import { findCredentials, thisMachine } from '../../cloud/openstack/client/credentials';
import { Neutron } from '../../cloud/openstack/client/neutron';
import { PATIENCE } from '../../cloud/openstack/client/retry';
import { Session } from '../../cloud/openstack/client/session';
import { PairEditor } from '../../cloud/openstack/pair-editor';
import type { Program } from './pulumi/run';
import { missingPulumi, TestStack } from './pulumi/stack';
import { describeWithOpenStack } from './server/describe-with-openstack';

const INSTALLERS = [{ ip_address: '10.20.0.5' }, { ip_address: '10.20.0.7' }];
const IP = '192.168.12.99';
const MAC = '02:00:c0:a8:0c:63';
const PAIR = { ipAddress: IP, macAddress: MAC };
const GUARDED = { allowUnguardedWrite: false };
const NEVER = new Promise<undefined>(() => {});

describeWithOpenStack(
  'a service that fails',
  (cloud) => {
    async function node() {
      const { admin, networkId } = cloud();
      const { id: portId } = await admin.createPort(networkId, { pairs: INSTALLERS });
      const before = await admin.pairs(portId);
      return { portId, before, after: [...before, `${IP} ${MAC}`].sort() };
    }

    /** The library, as patient as a test can be. */
    function newEditor(requestTimeout: number, variables = cloud().variables): PairEditor {
      const credentials = findCredentials({}, { ...thisMachine(), variables });
      return new PairEditor(new Neutron(new Session(credentials, { ...PATIENCE, requestTimeout, tries: 3 })));
    }

    test('silence: three tries, then an error that names the request', async () => {
      const { admin, gate } = cloud();
      const { portId, before } = await node();
      gate.keeper = { before: ({ path }) => (path.endsWith(portId) ? NEVER : undefined) };
      // Without Keystone, which may need longer than that for a token.
      const editor = newEditor(1000, { OS_AUTH_TYPE: 'none', OS_ENDPOINT: gate.url });
      await expect(editor.addPair(portId, PAIR, GUARDED)).rejects.toThrow(
        `GET ${gate.url}/v2.0/ports/${portId}: no answer in 1 s (after 3 tries)`,
      );
      expect(gate.passed).toEqual(Array(3).fill(`GET /v2.0/ports/${portId}`));
      expect(await admin.pairs(portId)).toEqual(before);
    });

    test('a write that was done and whose answer does not come is not done again', async () => {
      const { admin, gate } = cloud();
      const { portId, after } = await node();
      gate.keeper = { after: ({ method }) => (method === 'PUT' ? NEVER : undefined) };
      const { wasPresent } = await newEditor(5000).addPair(portId, PAIR, GUARDED);
      expect(wasPresent).toBe(false);
      expect(gate.writes).toBe(1);
      expect(await admin.pairs(portId)).toEqual(after);
    });

    test('a write that was given up and arrives after the second one is refused by its revision', async () => {
      const { admin, gate } = cloud();
      const { portId, after } = await node();
      const statuses: number[] = [];
      let [release, finish] = [() => {}, () => {}];
      const secondIsDone = new Promise<void>((resolve) => {
        release = resolve;
      });
      const lateIsDone = new Promise<void>((resolve) => {
        finish = resolve;
      });
      gate.keeper = {
        before: async ({ method }) => {
          if (method === 'PUT' && gate.writes === 1) await secondIsDone;
          return undefined;
        },
        after: ({ method }, status) => {
          if (method !== 'PUT') return undefined;
          if (statuses.push(status) === 1) release();
          else finish();
          return undefined;
        },
      };
      await newEditor(5000).addPair(portId, PAIR, GUARDED);
      await lateIsDone;
      expect(statuses).toEqual([200, 412]);
      expect(await admin.pairs(portId)).toEqual(after);
    });

    describe('by the engine', () => {
      let stack: TestStack;
      beforeEach(() => {
        stack = new TestStack(cloud().variables);
      });
      afterEach(() => stack.remove());

      test('refused without end: the error names the request, nothing is kept, and the next operation goes on', async () => {
        const { admin, gate } = cloud();
        const { portId, before, after } = await node();
        const program: Program = { pairs: { billing: { portId, ...PAIR } } };
        const refuseWrites = (status: number) => {
          gate.keeper = { before: ({ method }) => (method === 'PUT' ? { status } : undefined) };
          return `PUT ${gate.url}/v2.0/ports/${portId}: Neutron answered ${status} (after 6 tries)`;
        };

        await expect(stack.up(program)).rejects.toThrow(refuseWrites(503));
        expect(gate.writes).toBe(6);
        expect(await admin.pairs(portId)).toEqual(before);
        expect(JSON.stringify(await stack.start('export', {}).outcome)).not.toContain('AllowedAddressPair');

        gate.reset();
        await stack.up(program);
        expect(await admin.pairs(portId)).toEqual(after);

        await expect(stack.destroy()).rejects.toThrow(refuseWrites(500));
        expect(await admin.pairs(portId)).toEqual(after);
        gate.reset();
        await stack.destroy();
        expect(await admin.pairs(portId)).toEqual(before);
      }, 240_000);
    });
  },
  missingPulumi,
);
