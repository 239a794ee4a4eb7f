import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseProblems } from '../../cli/input/selection';
import { EgressRouter } from '../../src';
import { edited, fixture, inventoryOf } from '../cli/manifests';
import { goTool } from '../support/go-tool';
import { ledRouter } from '../support/led-router';
import { blocksOf } from '../support/markdown';
import { newChart, standalone, synth } from '../support/synth';
import { whenFull } from '../support/when-full';
import { findPrograms, missingRequirement } from './programs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'after-synth-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Standard output of a program that has to succeed. */
function run(program: string, ...words: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** What `plan` says about manifests in which a router cannot start. */
function problemsOf(yaml: string): string {
  const inventory = inventoryOf(yaml);
  try {
    refuseProblems(inventory, inventory.routers, undefined);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const missing = missingRequirement(false);

(missing !== undefined && !process.env.CI ? describe.skip : describe)('Kustomize, as kubectl has it', () => {
  const [overlay] = blocksOf('docs/lifecycle.md').filter(({ text }) => text.includes('namePrefix:'));

  /** The example's router, through an overlay. */
  function kustomized(kustomization: string, base = 'resources: [router.yaml]'): string {
    write('base/router.yaml', fixture('standalone'));
    write('base/kustomization.yaml', base);
    write('overlay/kustomization.yaml', kustomization);
    return run(findPrograms(false).kubectl, 'kustomize', join(folder, 'overlay'));
  }

  test('the replacements of docs/lifecycle.md let the pod find its network, and ADD admit it', () => {
    const yaml = kustomized(overlay!.text);
    expect(problemsOf(yaml)).toBe('');
    const [{ name, config, objects }] = inventoryOf(yaml).routers as [ReturnType<typeof inventoryOf>['routers'][0]];
    expect({ name, podNamespace: config.podNamespace, network: objects.definition?.metadata.name }).toEqual({
      name: 'partners/partner',
      podNamespace: 'partners',
      network: 'prod-partner',
    });
    expect(objects.deployment?.metadata.name).toBe('prod-partner');
  });

  test('a label for all objects leaves the names of routers, and in selectors is a problem that plan names', () => {
    const label = 'resources: [../base]\nlabels: [{ pairs: { app.kubernetes.io/instance: prod }';
    expect(inventoryOf(kustomized(`${label} }]\n`)).routers.map(({ name }) => name)).toEqual(['egress/partner']);
    expect(problemsOf(kustomized(`${label} }]\n`))).toBe('');
    write('base/second.yaml', fixture('standalone').replaceAll('partner', 'second'));
    const two = kustomized(`${label}, includeSelectors: true }]\n`, 'resources: [router.yaml, second.yaml]');
    expect(problemsOf(two)).toContain(
      'Service partner: the selector takes the pods of egress/partner and egress/second',
    );
  });

  test.each([
    ['namePrefix: prod-', '"partner" is not a network of namespace egress in the input', 'accepted: "prod-partner"'],
    ['nameSuffix: -two', '"partner" is not a network of namespace egress in the input', 'accepted: "partner-two"'],
    ['namespace: partners', 'podNamespace: "egress" is not the namespace of', 'accepted: "partners"'],
  ])('%s alone is a problem that plan names', (change, problem, accepted) => {
    const said = problemsOf(kustomized(`resources: [../base]\n${change}\n`));
    expect(said).toContain(problem);
    expect(said).toContain(accepted);
  });
});

(missing !== undefined && !process.env.CI ? describe.skip : describe)(
  'Kustomize, and names that it does not change',
  () => {
    /** The router, its client and the lines for CoreDNS, through an overlay of what is in one namespace. */
    function kustomized(change: string, namespace = 'partners'): string {
      const objects = ledRouter().map((object) => JSON.stringify(object));
      const own = objects.filter((text) => text.includes(`"namespace":"${namespace}"`));
      write('router/router.yaml', own.join('\n---\n'));
      write('router/kustomization.yaml', `resources: [router.yaml]\n${change}\n`);
      write('all/rest.yaml', objects.filter((text) => !own.includes(text)).join('\n---\n'));
      write('all/kustomization.yaml', 'resources: [../router, rest.yaml]\n');
      return run(findPrograms(false).kubectl, 'kustomize', join(folder, 'all'));
    }

    test('as synthesized they are right', () => expect(problemsOf(kustomized(''))).toBe(''));

    test.each([
      ['namePrefix: prod-', 'is not a Service in the input', '"prod-bank-api-bank-example.partners"'],
      ['nameSuffix: -two', 'is not a Service in the input', '"bank-api-bank-example-two.partners"'],
      ['namespace: prod', 'is not a Service in the input', '"bank-api-bank-example.prod"'],
      ['namespace: prod', 'NetworkPolicy bank-to-bank: spec.egress[', 'is not the namespace of router prod/bank'],
    ])('%s is a problem that plan names: %s', (change, problem, accepted) => {
      const said = problemsOf(kustomized(change));
      expect(said).toContain(problem);
      expect(said).toContain(accepted);
    });

    test('namespace of a client is a problem of the policy that admits it', () =>
      expect(problemsOf(kustomized('namespace: prod', 'shop'))).toMatch(
        /NetworkPolicy bank: spec\.ingress\[0\]\.from: "shop" is not the namespace of Deployment .* accepted: "prod" /,
      ));
  },
);

// Compiling Helm takes minutes, once.
whenFull('Helm', () => {
  test('manifests with alerts pass through it as they are', () => {
    const chart = newChart();
    new EgressRouter(chart, 'db', standalone({ monitoring: {}, liveRules: true, ruleMetrics: true }));
    const yaml = synth(chart)
      .map((manifest) => JSON.stringify(manifest))
      .join('\n---\n');
    write('Chart.yaml', 'apiVersion: v2\nname: egress\nversion: 0.1.0\n');
    write('templates/egress.yaml', yaml);
    const helm = goTool('helm.sh/helm/v3/cmd/helm', 'v3.22.0');
    const rendered = run(helm, 'template', 'egress', folder);
    expect(rendered.match(/^\{.*\}$/gm)?.sort()).toEqual(yaml.split('\n---\n').sort());
    // What broke charts: Prometheus' own templates.
    write('templates/egress.yaml', edited(yaml, ['router egress/db is down', 'router {{ $labels.router }} is down']));
    expect(() => run(helm, 'template', 'egress', folder)).toThrow('undefined variable "$labels"');
  }, 900_000);
});
