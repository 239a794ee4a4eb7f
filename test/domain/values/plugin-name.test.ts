import { DEFAULT_PLUGIN_NAME, readNetworkName, readPluginName } from '../../../src/domain/values/plugin-name';
import { acceptAll, refuseAll } from '../../support/accept';

const NEITHER = [
  '',
  '.',
  '.',
  '.hidden',
  '-a',
  '_a',
  'a/b',
  '../egress-router',
  'a b',
  'a\0b',
  'a\n',
  'ü',
  7,
  null,
  ['a'],
];

test('plugin names are file names of at most 64 characters', () => {
  acceptAll(readPluginName, [DEFAULT_PLUGIN_NAME, 'a', '1', 'Egress_Router-2.0', 'x'.repeat(64)]);
});

test('a name that could leave the plugin directory is rejected', () => {
  refuseAll(readPluginName, [...NEITHER, 'x'.repeat(65)], 'the file name of a CNI plugin');
});

test('network names are those of the CNI specification', () => {
  acceptAll(readNetworkName, ['egress-router-cni-nad', 'a', '1', 'A.b_c-d', 'x'.repeat(253)]);
  refuseAll(readNetworkName, NEITHER, 'the name of a CNI network');
});
