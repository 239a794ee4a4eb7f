import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MODULE = 'github.com/prometheus-operator/prometheus-operator';

const KINDS = ['podmonitors', 'prometheusrules'];

/** The Prometheus operator's definitions of what monitoring makes, as YAML, from its Go module; go.sum says which. */
export function prometheusDefinitions(): string[] {
  const json = execFileSync('go', ['mod', 'download', '-json', MODULE], {
    cwd: join(__dirname, 'prometheus-operator'),
    env: { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local', GOWORK: 'off' },
    encoding: 'utf8',
  });
  const { Dir: folder } = JSON.parse(json) as { readonly Dir: string };
  return KINDS.map((kind) =>
    readFileSync(join(folder, 'example/prometheus-operator-crd', `monitoring.coreos.com_${kind}.yaml`), 'utf8'),
  );
}
