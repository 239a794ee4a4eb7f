import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fleetPicture } from '../../cli/diagram/fleet-picture';
import { fittingMermaid, mermaidText } from '../../cli/diagram/mermaid-text';
import { routersPicture } from '../../cli/diagram/router-picture';
import { inventoryOf } from '../cli/manifests';
import { EXAMPLES, synthesizeExamples } from '../support/example';
import { fleetManifests } from '../support/fleet-manifests';
import { describeInChromium, runPage } from './chromium';
import { HOSTILE_NAMES, hostileRouters } from './hostile-names';

const MERMAID = readFileSync(join(__dirname, '../../node_modules/mermaid/dist/mermaid.min.js'), 'utf8').replaceAll(
  '</script',
  '<\\/script',
);

interface Drawing {
  readonly error?: string;
  /** What each node shows, in the order of the text. */
  readonly labels: readonly string[];
  readonly edges: number;
  readonly scripts: number;
}

const inDetail = (manifests: string) => mermaidText(routersPicture(inventoryOf(manifests).routers));

function overview(manifests: string): string {
  const { routers } = inventoryOf(manifests);
  return fittingMermaid((most) => fleetPicture(routers, most));
}

/** Parsed and drawn with the settings that GitHub and others leave as they are. */
function drawn(texts: readonly string[]): Drawing[] {
  const script = `
    mermaid.initialize({ startOnLoad: false });
    (async () => {
      const drawings = [];
      for (const [index, text] of ${JSON.stringify(texts).replaceAll('<', '\\u003c')}.entries()) {
        try {
          await mermaid.parse(text);
          const { svg } = await mermaid.render('picture' + index, text);
          const holder = document.createElement('div');
          holder.innerHTML = svg;
          document.body.append(holder);
          const labels = [...holder.querySelectorAll('.node .nodeLabel')].map((label) => label.innerText);
          const scripts = holder.querySelectorAll('script, iframe, img, a[href]').length;
          drawings.push({ labels, scripts, edges: holder.querySelectorAll('path.flowchart-link').length });
        } catch (error) {
          drawings.push({ error: String(error), labels: [], edges: 0, scripts: 0 });
        }
      }
      report(drawings);
    })();`;
  return runPage(`<script>${MERMAID}</script>`, script);
}

describeInChromium('Mermaid text, by the mermaid package', () => {
  test('of every example', () => {
    const names = EXAMPLES.filter((name) => name !== 'plugin');
    const yaml = synthesizeExamples(names);
    const texts = names.map((name, index) => (name === 'fleet' ? overview(yaml[index]!) : inDetail(yaml[index]!)));
    for (const [index, drawing] of drawn(texts).entries()) {
      expect({ name: names[index], error: drawing.error }).toEqual({ name: names[index], error: undefined });
      expect(drawing.edges).toBe(texts[index]!.match(/ --> /g)!.length);
    }
  });

  test("fleets of any size stay within Mermaid's default limits", () => {
    const sizes = [
      [1, 1],
      [10, 1],
      [15, 20],
      [300, 1],
      [50, 20],
      [1, 3000],
    ] as const;
    const texts = sizes.map(([namespaces, each]) => overview(fleetManifests(namespaces, each)));
    for (const [index, { error, labels, edges }] of drawn(texts).entries()) {
      expect({ size: sizes[index], error }).toEqual({ size: sizes[index], error: undefined });
      expect(labels.length).toBeGreaterThanOrEqual(2);
      expect(edges).toBe(texts[index]!.match(/ --> /g)!.length);
    }
  });

  test('shows what the manifests say', () => {
    const [drawing] = drawn([inDetail(fleetManifests(1, 1))]);
    expect(drawing!.labels.map((label) => label.split('\n'))).toEqual(
      expect.arrayContaining([
        ['clients', 'any pod of the cluster'],
        ['macvlan interface', 'net1', '10.20.1.1/16', 'MAC e2:65:0a:14:01:01'],
        ['parent interface', 'bond0.120', 'VLAN 120, by its name'],
        ['destination', '203.0.113.10', '8443 TCP → 443'],
        ['destination', '192.0.2.10', 'every other port'],
      ]),
    );
  });

  test('hostile names stay text', () => {
    const texts = HOSTILE_NAMES.map(([, name]) => mermaidText(routersPicture(hostileRouters(name))));
    for (const [index, { error, labels, edges, scripts }] of drawn(texts).entries()) {
      const [what, name] = HOSTILE_NAMES[index]!;
      expect({ what, error, scripts, edges }).toEqual({ what, error: undefined, scripts: 0, edges: 7 });
      // Spaces are the browser's to break.
      const plain = (text: string) => text.replaceAll(/[\p{C}\ufffd\s]+/gu, '');
      expect(plain(labels.join(''))).toContain(plain(name));
    }
  });
});
