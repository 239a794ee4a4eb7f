import { filesOfModule } from './go-module';

const MODULE = 'github.com/prometheus-operator/prometheus-operator';
const FOLDER = 'example/prometheus-operator-crd';

/** The Prometheus operator's definitions of what monitoring makes, as YAML. */
export function prometheusDefinitions(): string[] {
  const files = ['podmonitors', 'prometheusrules'].map((kind) => `${FOLDER}/monitoring.coreos.com_${kind}.yaml`);
  return filesOfModule('prometheus-operator', MODULE, files);
}
