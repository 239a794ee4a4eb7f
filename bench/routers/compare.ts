import { App, Chart } from 'cdk8s';
import { NAMESPACE, type RouterWriter, routerInput } from './input';

/**
 * Whether all ways write the same manifests, tried on one router before anything is timed.
 *
 * @throws with the first line that differs, so that a change of `EgressRouter`'s output is followed here
 */
export function requireSameManifests(ways: Readonly<Record<string, RouterWriter>>): void {
  const [first, ...others] = Object.entries(ways).map(([name, write]) => ({ name, lines: manifest(write) }));
  for (const { name, lines } of others) {
    const index = lines.findIndex((line, at) => line !== first?.lines[at]);
    if (index < 0 && lines.length === first?.lines.length) continue;
    const at = index < 0 ? lines.length : index;
    throw new Error(
      `bench/routers: line ${at + 1} is ${quote(lines[at])} in "${name}" and ${quote(first?.lines[at])} in "${first?.name}"`,
    );
  }
}

function manifest(write: RouterWriter): string[] {
  const app = new App();
  write(new Chart(app, 'routers', { namespace: NAMESPACE }), routerInput(0));
  return app.synthYaml().split('\n');
}

function quote(line: string | undefined): string {
  return line === undefined ? 'missing' : JSON.stringify(line);
}
