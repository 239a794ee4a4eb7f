import { ApiObject } from 'cdk8s';
import { NetworkAttachmentDefinition } from '../../src';
import { newChart, synth, synthErrors } from '../support/synth';

test('works alone, for any plugin', () => {
  const chart = newChart();
  const network = new NetworkAttachmentDefinition(chart, 'lan', {
    metadata: { name: 'lan' },
    config: { cniVersion: '1.0.0', name: 'lan', type: 'macvlan', master: 'eth1', ipam: { type: 'static' } },
  });
  expect(ApiObject.of(network)).toBe(network);
  const [manifest] = synth(chart);
  expect(manifest).toMatchObject({ apiVersion: 'k8s.cni.cncf.io/v1', metadata: { name: 'lan', namespace: 'egress' } });
  expect(JSON.parse(manifest.spec.config)).toEqual({
    cniVersion: '1.0.0',
    name: 'lan',
    type: 'macvlan',
    master: 'eth1',
    ipam: { type: 'static' },
  });
  expect(manifest.spec.config.split('\n')[1]).toBe('  "cniVersion": "1.0.0",');
});

test('a chain of plugins is a network too, anything else is not', () => {
  const chart = newChart();
  new NetworkAttachmentDefinition(chart, 'chain', {
    config: { cniVersion: '1.0.0', name: 'chain', plugins: [{ type: 'macvlan' }] },
  });
  new NetworkAttachmentDefinition(chart, 'nothing', { config: { name: 'nothing' } });
  new NetworkAttachmentDefinition(chart, 'empty', { config: { type: '' } });
  new NetworkAttachmentDefinition(chart, 'no-link', { config: { plugins: [] } });
  const problem = 'has neither a plugin\'s "type" nor a list of "plugins"; accepted: a CNI network configuration';
  expect(synthErrors(chart)).toEqual([
    `[prod/nothing] config: {"name":"nothing"} ${problem}`,
    `[prod/empty] config: {"type":""} ${problem}`,
    `[prod/no-link] config: {"plugins":[]} ${problem}`,
  ]);
});
