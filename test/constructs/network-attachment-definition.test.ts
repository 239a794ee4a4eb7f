import { ApiObject, Lazy } from 'cdk8s';
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

test('a configuration may be a Lazy value, also of another copy of cdk8s', () => {
  const config = { cniVersion: '1.0.0', name: 'lan', type: 'macvlan' };
  const produce = () => config;
  let OtherLazy: typeof Lazy | undefined;
  jest.isolateModules(() => {
    OtherLazy = jest.requireActual<{ Lazy: typeof Lazy }>('cdk8s').Lazy;
  });
  expect(OtherLazy).not.toBe(Lazy);
  const chart = newChart();
  for (const [id, lazy] of [Lazy.any({ produce }), OtherLazy!.any({ produce })].entries()) {
    new NetworkAttachmentDefinition(chart, `lan-${id}`, { config: lazy });
  }
  expect(synth(chart).map(({ spec }) => JSON.parse(spec.config))).toEqual([config, config]);
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
