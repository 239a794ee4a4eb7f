import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../cli/input/input-error';
import { readSources } from '../../cli/input/source';
import { definition, edited, fixture, inventoryOf, OPERATORS } from './manifests';

const STANDALONE = fixture('standalone');

test('a standalone router is found with everything that it consists of', () => {
  const { routers, otherKinds, foreign } = inventoryOf(STANDALONE);
  expect(routers).toHaveLength(1);
  const [{ name, namespace, mode, link, config, objects }] = routers as [(typeof routers)[0]];
  expect({ name, namespace, mode, link }).toEqual({
    name: 'egress/partner',
    namespace: 'egress',
    mode: 'standalone',
    link: 'net1',
  });
  expect(config.rules).toHaveLength(4);
  expect(objects.deployment?.metadata.name).toBe('partner');
  expect(objects.services.map(({ metadata }) => metadata.name)).toEqual(['partner']);
  expect([...otherKinds, ...foreign]).toEqual([]);
});

test('an EgressRouter resource is read as the operator renders it', () => {
  const [router] = inventoryOf(fixture('okd')).routers;
  expect(router).toMatchObject({ name: 'egress/egress-1', mode: 'operator', link: 'net1' });
  expect(router!.config.rules.map(({ port }) => port)).toEqual([80, 8080, 8443]);
  expect(router!.config.fallbacks.map(({ text }) => text)).toEqual(['203.0.113.27']);
  expect(router!.objects.services).toHaveLength(1);
});

test("a dump of a cluster has the operator's attachment too: it is the same router", () => {
  const dump = edited(definition('egress-router-cni-nad', OPERATORS), ['"web"', '"egress"']);
  expect(inventoryOf(fixture('okd'), dump).routers.map(({ name }) => name)).toEqual(['egress/egress-1']);
});

test("the operator's attachment alone is a router whose pod is not known", () => {
  const [router] = inventoryOf(definition('egress-router-cni-nad', OPERATORS)).routers;
  expect(router).toMatchObject({ name: 'web/egress-router-cni-nad', mode: 'unknown' });
});

test('a configuration of the plugin needs no object around it, and may be in a list of plugins', () => {
  expect(inventoryOf(JSON.stringify(OPERATORS)).routers[0]).toMatchObject({ name: 'egress-router-cni-nad' });
  const { name, cniVersion, ...plugin } = OPERATORS;
  const list = { name, cniVersion, plugins: [{ type: 'tuning' }, plugin] };
  expect(inventoryOf(definition('router', list)).routers[0]!.config.name).toBe('egress-router-cni-nad');
});

test('the same objects in a List, as kubectl get writes them', () => {
  const { loadAll } = require('js-yaml') as typeof import('js-yaml');
  const list = { apiVersion: 'v1', kind: 'List', items: loadAll(STANDALONE) };
  expect(inventoryOf(JSON.stringify(list)).routers).toEqual(
    inventoryOf(STANDALONE).routers.map((router) =>
      expect.objectContaining({ name: router.name, config: router.config }),
    ),
  );
});

test("other objects are counted, other plugins' attachments named", () => {
  const others = ['a', 'b'].map((name) => `---\napiVersion: v1\nkind: Secret\nmetadata: { name: ${name} }\n`).join('');
  const macvlan = definition('lan', { type: 'macvlan', name: 'lan' });
  const onNode = JSON.stringify({ ...JSON.parse(macvlan), spec: undefined });
  const { otherKinds, foreign, routers } = inventoryOf(
    STANDALONE,
    others,
    macvlan,
    edited(onNode, ['"lan"', '"file"']),
  );
  expect(routers).toHaveLength(1);
  expect([...otherKinds]).toEqual([['Secret', 2]]);
  expect(foreign).toEqual([
    'NetworkAttachmentDefinition web/lan (plugin macvlan)',
    'NetworkAttachmentDefinition web/file (plugin the configuration on the node)',
  ]);
});

test.each([
  ['namespace/name@interface', 'egress/partner@net7', 'net7'],
  ['name among others', 'web/other, partner', 'net1'],
])("a pod's annotation in its short form: %s", (_what, annotation, link) => {
  const json = `'[{"name":"partner","interface":"net1","namespace":"egress"}]'`;
  expect(inventoryOf(edited(STANDALONE, [json, annotation])).routers[0]).toMatchObject({
    mode: 'standalone',
    link,
  });
});

test.each([
  [
    'half a file',
    STANDALONE.slice(0, STANDALONE.indexOf('"interface":"net1"')),
    /^1\.yaml:\d+: is not YAML \(.+\); is the file complete\?$/,
  ],
  ['text', 'hello', /^1\.yaml: is neither a Kubernetes object \(apiVersion, kind and metadata\.name\)/],
  [
    'a second document without a kind',
    `${STANDALONE}---\nname: x\n`,
    /^1\.yaml document 5: is neither a Kubernetes object/,
  ],
  ['an object without a name', 'apiVersion: v1\nkind: Secret\n', /^1\.yaml: is neither a Kubernetes object/],
  [
    'no JSON in an attachment',
    definition('x', '{', { 'app.kubernetes.io/name': 'egress-router' }),
    /^1\.yaml: spec\.config: "\{" is not a JSON object; accepted: /,
  ],
  [
    'an annotation that is not a list',
    edited(STANDALONE, [`'[{"name":"partner","interface":"net1","namespace":"egress"}]'`, '"[{"']),
    /names no network; accepted: NAMESPACE\/NAME@INTERFACE/,
  ],
])('%s is refused', (_what, text, message) => {
  expect(() => inventoryOf(text)).toThrow(InputError);
  expect(() => inventoryOf(text)).toThrow(message);
});

test('a file that is cut anywhere is refused in words, or holds a router less', () => {
  for (let length = 0; length < STANDALONE.length; length += 7) {
    const text = STANDALONE.slice(0, length);
    try {
      expect(inventoryOf(text).routers.length).toBeLessThanOrEqual(1);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
    }
  }
});

test('every issue of every router is reported, with the file, the path and what is accepted', () => {
  const wrong = edited(
    STANDALONE,
    ['"mode": "bridge"', '"mode": "brige"'],
    ['80 UDP 203.0.113.25', '80 QUIC 203.0.113.25'],
  );
  const gateway = definition('second', { ...OPERATORS, ip: { ...OPERATORS.ip, gateway: '10.0.0.1' } });
  const error = (() => {
    try {
      return inventoryOf(wrong, gateway);
    } catch (thrown) {
      return String((thrown as Error).message).split('\n');
    }
  })();
  expect(error).toEqual([
    expect.stringMatching(
      /^\[1\.yaml document 1: spec\.config\] ip\.destinations\[0\]: .*names the protocol "QUIC"; accepted: TCP/,
    ),
    expect.stringMatching(
      /^\[1\.yaml document 1: spec\.config\] interfaceArgs\.mode: "brige" is not known \(did you mean "bridge"\?\); accepted: /,
    ),
    expect.stringMatching(/^\[2\.yaml: spec\.config\] ip\.gateway: "10\.0\.0\.1" is outside the subnet/),
  ]);
});

test('a name that is defined twice is rejected with both places', () => {
  expect(() => inventoryOf(STANDALONE, STANDALONE)).toThrow(
    'router egress/partner is defined twice: 1.yaml document 1 and 2.yaml document 1; pass only one of them',
  );
});

describe('files and folders', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-sources-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('YAML and JSON anywhere below a folder, in the order of their names, and no other tool’s', () => {
    for (const sub of ['b', 'node_modules', '.git']) mkdirSync(join(folder, sub));
    for (const file of ['c.yaml', 'a.JSON', 'b/x.yml', 'b/readme.md', 'node_modules/y.yaml', '.git/z.yaml']) {
      writeFileSync(join(folder, file), file);
    }
    symlinkSync(folder, join(folder, 'b', 'circle'));
    expect(readSources([folder]).map(({ text }) => text)).toEqual(['a.JSON', 'b/x.yml', 'c.yaml']);
  });

  test('a missing path and an empty folder are rejected', () => {
    const missing = join(folder, 'none');
    expect(() => readSources([missing])).toThrow(
      `${missing}: no such file or folder; accepted: manifests, a folder of them, or - for standard input`,
    );
    expect(() => readSources([folder])).toThrow(
      `${folder}: contains no manifests; accepted: a folder with .yaml, .yml or .json files`,
    );
  });
});
