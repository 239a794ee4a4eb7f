import * as fc from 'fast-check';
import { dataPlane } from '../../../src/domain/data-plane/data-plane';
import { dataPlaneCommands } from '../../../src/domain/data-plane/data-plane-text';
import { networkConfig } from '../../support/arbitrary-network-config';

test('each command has a reason, whatever the router', () => {
  fc.assert(
    fc.property(networkConfig, (config) => {
      const commands = dataPlaneCommands(dataPlane(config, 'net1', 'eth0'), 'lan0');
      expect(commands.filter(({ reason }) => !/^[A-Z].+\.$/.test(reason ?? ''))).toEqual([]);
    }),
  );
});
