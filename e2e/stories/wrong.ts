import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Edit, runExample } from '../../test/support/example';
import type { Story } from '../story';
import type { World } from '../world';

const PAGE = resolve(__dirname, '..', '..', 'docs', 'troubleshooting.md');

interface Mistake {
  readonly what: string;
  /** To `examples/standalone`. */
  readonly edits?: readonly Edit[];
  /** After synth, as somebody's hand would. */
  readonly byHand?: (yaml: string) => string;
  /** In the world, until the story ends. */
  readonly arrange?: (world: World) => () => void;
  /** Words of `kubectl describe pod` that name the cause; `docs/troubleshooting.md` quotes them. */
  readonly says: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'a bad address in the NetworkAttachmentDefinition',
    byHand: (yaml) => yaml.replace('"192.168.12.99/24",\n', '"192.168.12.999/24",\n'),
    says: 'ip.addresses[0]: "192.168.12.999/24"',
  },
  {
    what: 'the parent interface is missing on the node',
    edits: [
      {
        file: 'main.ts',
        from: '...PARTNER, cluster',
        to: "...PARTNER, cluster, networkInterface: { macvlan: { master: 'bond0' } }",
      },
    ],
    says: 'parent interface bond0 does not exist on this node (interfaceArgs.master)',
  },
  {
    what: 'another host has the address',
    arrange: ({ cluster }) => {
      const { namespace } = cluster.outside.gateway;
      namespace.batch('address add 192.168.12.99/24 dev lan0');
      return () => namespace.batch('address delete 192.168.12.99/24 dev lan0');
    },
    says: '192.168.12.99 is held by somebody else:',
  },
  {
    what: 'the image is missing',
    edits: [{ file: 'main.ts', from: 'egress-router:0.1.0', to: 'egress-router:9.9.9' }],
    says: 'Failed to pull image "registry.example.com/egress-router:9.9.9"',
  },
];

/** What somebody sees who made a mistake: `kubectl describe pod` names the cause. */
export const wrong: Story = {
  name: 'what is wrong is in kubectl describe',
  async tell(world) {
    const { kubectl } = world;
    world.installPlugin();
    for (const { what, edits = [], byHand, arrange, says } of MISTAKES) {
      world.makeNamespace('egress');
      const undo = arrange?.(world);
      try {
        const { yaml } = runExample('standalone', edits);
        const changed = byHand?.(yaml) ?? yaml;
        if (byHand !== undefined) expect(changed).not.toBe(yaml);
        kubectl.apply(changed);
        await world.until(
          `${what} is described`,
          () => kubectl.run(['describe', 'pod', '--namespace=egress']).includes(says),
          120,
        );
        expect(world.podsOf('egress', 'partner')[0]?.status.conditions).not.toContainEqual(
          expect.objectContaining({ type: 'Ready', status: 'True' }),
        );
      } finally {
        undo?.();
      }
      expect(readFileSync(PAGE, 'utf8')).toContain(says);
      world.removeNamespaces('egress');
    }
  },
};
