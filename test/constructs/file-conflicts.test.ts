import { App, Chart, YamlOutputType } from 'cdk8s';
import { EgressRouter } from '../../src';
import { STANDALONE, synthErrors } from '../support/synth';

/** The issues of two routers of one name in two namespaces, each in a chart of its own. */
function errorsWith(yamlOutputType?: YamlOutputType, secondName = 'db'): string[] {
  const app = new App({ yamlOutputType });
  const charts = ['a', 'b'].map((namespace) => new Chart(app, namespace, { namespace }));
  new EgressRouter(charts[0]!, 'db', STANDALONE);
  const addresses = [{ ip: '192.168.12.98/24', gateway: '192.168.12.1' }];
  new EgressRouter(charts[1]!, secondName, { ...STANDALONE, addresses });
  return synthErrors(charts[1]!);
}

test('a file for each resource holds one router of a name, whatever its namespace', () => {
  const errors = errorsWith(YamlOutputType.FILE_PER_RESOURCE);
  expect(errors.map((error) => error.split(', which')[0])).toEqual([
    '[b/db] metadata.name: "db" makes NetworkAttachmentDefinition.db',
    '[b/db] metadata.name: "db-own-egress" makes NetworkPolicy.db-own-egress',
    '[b/db] metadata.name: "db" makes Deployment.db',
    '[b/db] metadata.name: "db" makes Service.db',
  ]);
  expect(errors[1]).toMatch(
    /cdk8s writes to the same file as that of \[a\/db\/.*\] with YamlOutputType\.FILE_PER_RESOURCE; accepted: another name; or/,
  );
  expect(errorsWith(YamlOutputType.FILE_PER_RESOURCE, 'licence')).toEqual([]);
});

test.each([
  undefined,
  YamlOutputType.FILE_PER_CHART,
  YamlOutputType.FILE_PER_APP,
  YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE,
])('the layout %s keeps them apart', (layout) => expect(errorsWith(layout)).toEqual([]));
