import { fleetPicture } from '../../cli/diagram/fleet-picture';
import { routersPicture } from '../../cli/diagram/router-picture';
import { svgText } from '../../cli/diagram/svg/svg-text';
import { EgressRouter } from '../../src';
import { inventoryOf } from '../cli/manifests';
import { EXAMPLES, synthesizeExamples } from '../support/example';
import { fleetManifests } from '../support/fleet-manifests';
import { newChart, standalone, synth } from '../support/synth';
import { describeInChromium, runPage } from './chromium';
import { HOSTILE_NAMES, hostileRouters } from './hostile-names';
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

const inDetail = (manifests: string) => svgText(routersPicture(inventoryOf(manifests).routers));
const overview = (manifests: string) => svgText(fleetPicture(inventoryOf(manifests).routers));

/** The manifests of one router, with a Service for each of its hosts. */
function manyHosts(hosts: number): string {
  const chart = newChart('egress');
  const host = (_: unknown, index: number) => ({
    name: `host-${index}.partner.example`,
    ports: [443],
    addresses: [`203.0.113.${index}`],
    routerPorts: [10_000 + index],
  });
  new EgressRouter(chart, 'partners', standalone({ redirectRules: [], hosts: Array.from({ length: hosts }, host) }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: synth(chart) });
}

/** As the command does it. */
function drawn(manifests: string): string {
  return inventoryOf(manifests).routers.length > 3 ? overview(manifests) : inDetail(manifests);
}

const PICTURES: [what: string, draw: () => string][] = [
  ...EXAMPLES.filter((name) => name !== 'plugin').map((name): [string, () => string] => [
    `examples/${name}`,
    () => drawn(synthesizeExamples([name])[0]!),
  ]),
  ['clients in an overview', () => overview(synthesizeExamples(['platform-library'])[0]!)],
  ['1 router of 100 hosts', () => inDetail(manyHosts(100))],
  ['1 router', () => inDetail(fleetManifests(1, 1))],
  ['1 router, as an overview', () => overview(fleetManifests(1, 1))],
  ['3 routers in detail', () => inDetail(fleetManifests(3, 1))],
  ['10 routers of one namespace', () => overview(fleetManifests(1, 10))],
  ['10 routers of ten namespaces', () => overview(fleetManifests(10, 1))],
  ['300 routers of fifteen namespaces', () => overview(fleetManifests(15, 20))],
  ['300 routers of a namespace each, as with the operator', () => overview(fleetManifests(300, 1))],
  ['1,000 routers of fifty namespaces', () => overview(fleetManifests(50, 20))],
  ...HOSTILE_NAMES.flatMap(([what, name]): [string, () => string][] => [
    [`names that are ${what}`, () => svgText(routersPicture(hostileRouters(name)))],
    [`names that are ${what}, as an overview`, () => svgText(fleetPicture(hostileRouters(name)))],
  ]),
];

/** All in one page: starting a browser takes longer than looking. */
function inspected(pictures: readonly string[], isDark = false): Findings[] {
  return runPage(pictures.join('\n'), `${INSPECT}report([...document.querySelectorAll('svg')].map(inspect));`, {
    isDark,
  });
}

describeInChromium('pictures in a browser', () => {
  const pictures = new Map<string, string>();
  const findings = new Map<string, Findings>();
  beforeAll(() => {
    for (const [what, draw] of PICTURES) pictures.set(what, draw());
    const found = inspected([...pictures.values()]);
    expect(found).toHaveLength(PICTURES.length);
    for (const [index, [what]] of PICTURES.entries()) findings.set(what, found[index]!);
  }, 300_000);

  test.each(PICTURES)('%s: no text overlaps, sticks out or is faint', (what) => {
    const found = findings.get(what)!;
    expect(found).toMatchObject(GOOD);
    expect(found.nodes).toBeGreaterThanOrEqual(2);
    expect(found.edges).toBe(pictures.get(what)!.match(/class="edge"/g)!.length);
    // No endless column, in which the ends of an arrow are far apart.
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(pictures.get(what)!)!.map(Number) as [
      0,
      number,
      number,
    ];
    expect(height / width).toBeLessThan(3);
  });

  test('are XML without anything that runs or loads', () => {
    const texts = JSON.stringify([...pictures.values()]).replaceAll('<', '\\u003c');
    const script = `report(${texts}.map((text) => {
      const read = new DOMParser().parseFromString(text, 'image/svg+xml');
      const error = read.querySelector('parsererror')?.textContent ?? '';
      return { error, foreign: read.querySelectorAll('script, foreignObject, a, image, use, [href], [onload]').length };
    }));`;
    for (const read of runPage<unknown[]>('', script)) expect(read).toEqual({ error: '', foreign: 0 });
  });

  test('follow the reader who prefers the dark', () => {
    for (const found of inspected([...pictures.values()], true)) expect(found).toMatchObject(GOOD);
    const ground = "report(getComputedStyle(document.querySelector('.page')).fill)";
    const grounds = [false, true].map((isDark) => runPage<string>(pictures.get('1 router')!, ground, { isDark }));
    expect(grounds).toEqual(['rgb(255, 255, 255)', 'rgb(13, 17, 23)']);
  });

  test('the inspection finds faulty pictures', () => {
    const svg = pictures.get('1 router')!;
    const changed = (from: RegExp, to: string) => {
      expect(svg).toMatch(from);
      return svg.replaceAll(from, to);
    };
    const [outside, squeezed, gone, piled, overwritten, faint] = inspected([
      changed(/x="[\d.]+" y="[\d.]+"( textLength="[\d.]+">net1)/g, 'x="2" y="9"$1'),
      changed(/textLength="[\d.]+">eth0/g, 'textLength="9">eth0'),
      changed(/(<g class="node clients"><rect) x="[\d.]+"/g, '$1 x="2000"'),
      changed(/(<g class="node \w+"><rect) x="[\d.]+" y="[\d.]+"/g, '$1 x="100" y="100"'),
      changed(/<text class="line" x="[\d.]+" y="[\d.]+"/g, '<text class="line" x="9" y="99"'),
      changed(/\.clients rect{stroke:(#\w+);fill:#\w+/g, '.clients rect{stroke:$1;fill:#777'),
    ]) as [Findings, Findings, Findings, Findings, Findings, Findings];
    expect(outside.textsOutside).toEqual(['net1']);
    expect(squeezed.squeezedTexts).toEqual(['eth0']);
    expect(gone.outOfPicture).toHaveLength(1);
    expect(piled.overlappingNodes).not.toEqual([]);
    expect(piled.crossedNodes).not.toEqual([]);
    expect(overwritten.overlappingTexts).not.toEqual([]);
    expect(faint.faintTexts).not.toEqual([]);
  });
});
