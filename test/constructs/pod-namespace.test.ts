import { App, Chart, Lazy } from 'cdk8s';
import { EgressRouter, EgressRouterCluster } from '../../src';
import { newChart, only, operator, STANDALONE, standalone, synth, synthErrors } from '../support/synth';

/** What the plugin gets for a router in a chart of this namespace. */
function configIn(chart: Chart, props = STANDALONE): Record<string, unknown> {
  new EgressRouter(chart, 'db', props);
  return JSON.parse(only(synth(chart), 'NetworkAttachmentDefinition').spec.config);
}

const WARNING = expect.stringMatching(/^metadata\.namespace: is not known at synth, .* give the chart a namespace/);

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation();
});

test('the configuration names the namespace of the chart', () => {
  expect(configIn(newChart('partners')).podNamespace).toBe('partners');
  expect(printed).not.toHaveBeenCalled();
});

test("a router's own namespace wins over the chart's", () => {
  expect(configIn(newChart(), standalone({ metadata: { namespace: 'partners' } })).podNamespace).toBe('partners');
});

test('without a namespace the key is absent, and a warning says what is unprotected', () => {
  const chart = new Chart(new App(), 'prod');
  expect(configIn(chart)).not.toHaveProperty('podNamespace');
  expect(EgressRouter.warningsOf(chart)).toEqual([
    expect.stringContaining('[prod/db] metadata.namespace: is not known'),
  ]);
  expect(printed).toHaveBeenCalledTimes(1);
});

test('warningsAsErrors makes an error of a missing namespace', () => {
  const chart = new Chart(new App(), 'prod');
  const cluster = new EgressRouterCluster('prod', { warningsAsErrors: true });
  const router = new EgressRouter(chart, 'db', standalone({ cluster }));
  expect(router.warnings).toEqual([WARNING]);
  expect(synthErrors(chart)).toEqual([expect.stringContaining('metadata.namespace: is not known at synth')]);
});

test('a router in operator mode has no such key, and no warning: the operator writes its configuration', () => {
  expect(new EgressRouter(new Chart(new App(), 'prod'), 'db', operator()).warnings).toEqual([]);
});

test('a namespace that is known at synth only is refused', () => {
  const namespace = Lazy.any({ produce: () => 'partners' }) as unknown as string;
  const chart = newChart();
  new EgressRouter(chart, 'db', standalone({ metadata: { namespace } }));
  expect(synthErrors(chart)).toEqual([expect.stringMatching(/metadata\.namespace: .* is a Lazy value/)]);
});
