import { EXAMPLES, runExample } from '../support/example';
import { fleetManifests } from '../support/fleet-manifests';
import { runCli } from '../support/run-cli';
import { describeInChromium, runPage } from './chromium';
import { HOSTILE_NAMES, hostileManifest } from './hostile-names';
import { type Findings, INSPECT } from './inspect-svg';

const GOOD = {
  overlappingTexts: [],
  overlappingNodes: [],
  textsOutside: [],
  squeezedTexts: [],
  outOfPicture: [],
  crossedNodes: [],
  faintTexts: [],
};

function svgOf(manifests: string, ...flags: string[]): string {
  const { status, stdout, stderr } = runCli(['diagram', '-', '--format=svg', ...flags], manifests);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function inspected(svg: string, isDark = false): Findings {
  return runPage<Findings>(svg, `${INSPECT}report(inspect());`, { isDark });
}

describeInChromium('pictures in a browser', () => {
  test.each(EXAMPLES.filter((name) => name !== 'plugin'))('of examples/%s', (name) => {
    const findings = inspected(svgOf(runExample(name).yaml));
    expect(findings).toMatchObject(GOOD);
    expect(findings.nodes).toBeGreaterThanOrEqual(3);
    expect(findings.edges).toBeGreaterThanOrEqual(2);
  });

  const FLEETS: [what: string, namespaces: number, routersInEach: number, ...flags: string[]][] = [
    ['1 router', 1, 1],
    ['1 router, as an overview', 1, 1, '--overview'],
    ['3 routers in detail', 3, 1],
    ['10 routers of one namespace', 1, 10],
    ['10 routers of ten', 10, 1],
    ['300 routers of fifteen namespaces', 15, 20],
    ['300 routers of a namespace each, as with the operator', 300, 1],
    ['1,000 routers of fifty namespaces', 50, 20],
  ];
  test.each(FLEETS)('of %s', (_what, namespaces, routersInEach, ...flags) => {
    const svg = svgOf(fleetManifests(namespaces, routersInEach), ...flags);
    expect(inspected(svg)).toMatchObject(GOOD);
    // No endless column, in which nobody sees two ends of an arrow.
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number) as [number, number, number];
    expect(height / width).toBeLessThan(8);
  });

  test('for readers who prefer the dark', () => {
    const pictures = [1, 4].map((count) => svgOf(fleetManifests(1, count)));
    for (const svg of pictures) expect(inspected(svg, true)).toMatchObject(GOOD);
    const ground = "report(getComputedStyle(document.querySelector('.page')).fill)";
    const [light, dark] = [false, true].map((isDark) => runPage<string>(pictures[0]!, ground, { isDark }));
    expect([light, dark]).toEqual(['rgb(255, 255, 255)', 'rgb(13, 17, 23)']);
  });

  test.each(HOSTILE_NAMES)('of names that are %s: text, and no more', (_what, name) => {
    const svg = svgOf(hostileManifest(name));
    expect(inspected(svg)).toMatchObject(GOOD);
    // As a file of its own it has to be XML.
    const script = `const read = new DOMParser().parseFromString(${JSON.stringify(svg).replaceAll('<', '\\u003c')}, 'image/svg+xml');
      report({ error: read.querySelector('parsererror')?.textContent ?? '', scripts: read.querySelectorAll('script, foreignObject, a, image').length });`;
    expect(runPage('', script)).toEqual({ error: '', scripts: 0 });
  });

  test('an inspection finds what is wrong', () => {
    const svg = svgOf(fleetManifests(1, 1));
    const moved = (from: RegExp, to: string) => inspected(svg.replace(from, to));
    expect(moved(/x="[\d.]+" y="[\d.]+"( textLength="[\d.]+">net1)/, 'x="2" y="9"$1').textsOutside).toEqual(['net1']);
    expect(moved(/textLength="[\d.]+">eth0/, 'textLength="9">eth0').squeezedTexts).toEqual(['eth0']);
    expect(moved(/(<g class="node interface"><rect) x="[\d.]+"/, '$1 x="2000"').outOfPicture).toHaveLength(1);
    expect(moved(/\.clients rect{stroke:(#\w+);fill:#\w+/, '.clients rect{stroke:$1;fill:#333').faintTexts).not.toEqual(
      [],
    );
    const all = inspected(svg.replaceAll(/(<g class="node \w+"><rect) x="[\d.]+" y="[\d.]+"/g, '$1 x="100" y="100"'));
    expect(all.overlappingNodes).not.toEqual([]);
    expect(all.crossedNodes).not.toEqual([]);
    expect(
      inspected(svg.replaceAll(/<text class="line" x="[\d.]+" y="[\d.]+"/g, '<text class="line" x="9" y="99"'))
        .overlappingTexts,
    ).not.toEqual([]);
  });
});
