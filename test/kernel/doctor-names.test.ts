import { Dns, type DnsRecord } from './lab/dns';
import { LAN, RESERVED } from './lab/layout';
import { idsOf, type Report, report, UNPRIVILEGED } from './support/doctor';
import { eventually } from './support/eventually';
import { describeOnKernel, PLUGIN } from './support/requires';
import { ResolvConf } from './support/resolv-conf';
import { BANK, FIRST, ResolvingRouter, SECOND, SERVER, SHOP } from './support/resolving-router';

type Zone = Readonly<Record<string, DnsRecord>>;

const GOOD: Zone = { [BANK]: { A: [FIRST] }, [SHOP]: { A: [SECOND] } };

interface Fault {
  readonly what: string;
  readonly zone: Zone;
  readonly id: string;
  readonly problem: string;
  readonly details?: readonly string[];
  readonly command: string | RegExp;
}

const DIG = `dig @${SERVER} -b ${RESERVED.ipv4} ${BANK} A   # in the pod's network namespace`;
const STILL = [`${BANK}: clients still get ${FIRST}`];

const FAULTS: readonly Fault[] = [
  {
    what: 'a name does not exist',
    zone: { ...GOOD, [BANK]: { way: 'nxdomain' } },
    id: 'name-unresolved',
    problem: `${BANK} does not resolve: ${SERVER}: the name does not exist (NXDOMAIN).`,
    details: STILL,
    command: DIG,
  },
  {
    what: 'the server does not answer for a name',
    zone: { ...GOOD, [BANK]: { way: 'silent' } },
    id: 'name-unresolved',
    problem: `${BANK} does not resolve: ${SERVER}: the DNS server did not answer in time.`,
    details: STILL,
    command: DIG,
  },
  {
    what: 'names have no address',
    zone: { [BANK]: {}, [SHOP]: {} },
    id: 'name-unresolved',
    problem: `2 names do not resolve: ${SERVER}: the name has no address of the family.`,
    details: [...STILL, `${SHOP}: clients still get ${SECOND}`],
    command: DIG,
  },
  {
    what: 'an answer is outside of allowedCidrs',
    zone: { ...GOOD, [SHOP]: { A: ['198.51.100.7'] } },
    id: 'name-refused',
    problem: `${SHOP} resolves to an address that is refused: 198.51.100.7 is outside of allowedCidrs.`,
    details: [`${SHOP}: clients still get ${SECOND}`],
    command: DIG.replace(BANK, SHOP),
  },
  {
    what: 'an answer is on loopback',
    zone: { ...GOOD, [BANK]: { A: ['127.0.0.1', FIRST] } },
    id: 'name-refused',
    problem: `${BANK} resolves to an address that is refused: 127.0.0.1 is a loopback address.`,
    details: STILL,
    command: DIG,
  },
  {
    what: 'an answer is the node',
    zone: { ...GOOD, [BANK]: { A: ['192.168.12.11'] } },
    id: 'name-refused',
    problem: `${BANK} resolves to an address that is refused: 192.168.12.11 is the address of the router's node.`,
    details: STILL,
    command: DIG,
  },
  {
    what: "an answer is a Service's",
    zone: { ...GOOD, [BANK]: { A: ['10.96.0.40'] } },
    id: 'name-loop',
    problem: `DNS leads ${BANK} back to the router: 10.96.0.40 is an address of the cluster, where the router's own Services are.`,
    details: STILL,
    command: DIG,
  },
  {
    what: 'an answer is the reserved address',
    zone: { ...GOOD, [BANK]: { A: [RESERVED.ipv4] } },
    id: 'name-loop',
    problem: `DNS leads ${BANK} back to the router: ${RESERVED.ipv4} is an address of the router itself.`,
    details: STILL,
    command: DIG,
  },
  {
    what: 'an answer is not in force yet',
    zone: { ...GOOD, [BANK]: { A: [SECOND] } },
    id: 'name-stale',
    problem: `DNS answers ${SECOND} for ${BANK}, which is not in force.`,
    details: STILL,
    command: /^kubectl logs deployment\/\S+$/,
  },
];

const DOCTOR = [PLUGIN, 'doctor', '--json', '--time-limit=60'];

describeOnKernel('doctor of a router that resolves hosts', ['ip', 'nft', 'curl', 'setpriv', 'dig'], () => {
  let router: ResolvingRouter;
  let dns: Dns;

  beforeAll(async () => {
    const resolver = { servers: [SERVER], source: 'reserved' };
    router = await ResolvingRouter.add(resolver, { allowedCidrs: ['203.0.113.0/24'] });
    dns = await Dns.start(router.scene.server, SERVER);
    // The process asks once, and then not before the end of the tests.
    const known = Object.entries(GOOD).map(([name, record]) => [name, { ...record, ttl: 300 }]);
    await dns.say(Object.fromEntries(known));
    router.start('--node-address=192.168.12.11');
    await router.leadsTo(20443, FIRST);
    await router.leadsTo(20444, SECOND);
  }, 60_000);
  afterAll(() => router[Symbol.dispose]());

  const onNode = (): Report =>
    report(router.scene.node.namespace, [...DOCTOR, `--netns=${router.scene.router.namespace.path}`]);
  const inPod = (...wrapper: readonly string[]): Report => {
    const words = [...DOCTOR, '--netns=/proc/self/ns/net', `--config=${JSON.stringify(router.config)}`];
    return report(router.scene.router.namespace, [...wrapper, ...words]);
  };

  test('finds nothing where names resolve to what is in force, and asks from the reserved address', async () => {
    await dns.say(GOOD);
    const known = dns.questions.length;
    for (const found of [onNode(), inPod()]) {
      expect(found).toMatchObject({ findings: [] });
      expect(JSON.stringify(found.notExamined)).not.toContain('names');
    }
    const asked = () => dns.questions.slice(known);
    await eventually(() => expect(new Set(asked().map(({ name }) => name))).toEqual(new Set([BANK, SHOP])));
    expect(new Set(asked().map(({ from }) => from))).toEqual(new Set([RESERVED.ipv4]));
  });

  test.each(FAULTS)('names it when $what', async ({ zone, id, problem, details, command }) => {
    await dns.say(zone);
    const [finding, ...others] = onNode().findings;
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ id, problem, commands: [expect.stringMatching(command)] });
    expect(finding!.details).toEqual(details);
  });

  test('suggests a command that asks the server as the router does', async () => {
    await dns.say({ ...GOOD, [BANK]: { way: 'nxdomain' } });
    const [command] = onNode().findings[0]!.commands;
    expect(router.scene.router.namespace.run('sh', '-c', `${command}`)).toContain('status: NXDOMAIN');
  });

  test('asks without privileges, and says that it does not know what is in force', async () => {
    await dns.say({ ...GOOD, [BANK]: { A: [SECOND] } });
    const stale = inPod(...UNPRIVILEGED);
    expect(idsOf(stale)).toEqual([]);
    const what = 'whether the addresses that DNS answers are in force';
    expect(stale.notExamined).toContainEqual({ what, needs: 'NET_ADMIN' });
    await dns.say({ ...GOOD, [BANK]: { way: 'nxdomain' } });
    const [finding] = inPod(...UNPRIVILEGED).findings;
    expect(finding).toMatchObject({ id: 'name-unresolved' });
    expect(finding!.details).toBeUndefined();
  });
});

describeOnKernel("doctor of a router that asks the node's DNS servers", ['ip', 'nft', 'setpriv'], () => {
  const server = LAN.node.ipv4.split('/')[0]!;
  let router: ResolvingRouter;
  let file: ResolvConf;
  beforeAll(async () => {
    router = await ResolvingRouter.add({ source: 'pod' });
    file = new ResolvConf(router.scene.router.namespace);
  });
  afterAll(() => {
    file[Symbol.dispose]();
    router[Symbol.dispose]();
  });

  test('names those that are not asked, and finds nothing where one answers', async () => {
    file.write('nameserver 127.0.0.53\nnameserver 10.96.0.10\n');
    const words = [
      ...UNPRIVILEGED,
      ...DOCTOR,
      '--netns=/proc/self/ns/net',
      `--config=${JSON.stringify(router.config)}`,
    ];
    const { findings } = report(router.scene.router.namespace, words);
    expect(findings).toMatchObject([
      {
        id: 'name-unresolved',
        problem: "No name resolves: the node's DNS servers are not asked.",
        details: [
          expect.stringContaining('nameserver 127.0.0.53 is a loopback address'),
          expect.stringContaining('nameserver 10.96.0.10 is in 10.96.0.0/12, a network of the cluster'),
        ],
      },
    ]);
    file.write(`nameserver ${server}\n`);
    const dns = await Dns.start(router.scene.node.namespace, server);
    await dns.say(GOOD);
    expect(report(router.scene.router.namespace, words)).toMatchObject({ findings: [] });
    // The file of the process, not the node's own, which the tests run with.
    router.start();
    await router.leadsTo(20443, FIRST);
    const found = report(router.scene.node.namespace, [...DOCTOR, `--netns=${router.scene.router.namespace.path}`]);
    expect(found).toMatchObject({ findings: [] });
    expect(JSON.stringify(found.notExamined)).not.toContain('names');
  }, 60_000);

  test('says on the node that it does not see them, without a process', () => {
    const words = [
      ...DOCTOR,
      `--netns=${router.scene.router.namespace.path}`,
      `--config=${JSON.stringify(router.config)}`,
    ];
    const { findings, notExamined } = report(router.scene.node.namespace, words);
    expect(findings).toEqual([]);
    const what = "the names that the router resolves: their DNS servers stand in the pod's /etc/resolv.conf";
    expect(notExamined).toContainEqual({ what, needs: 'doctor in the pod' });
  });

  test('has nothing to see of a router that resolves no host at present', () => {
    const { ip, ...rest } = router.config as { ip: object };
    const config = { ...rest, ip: { ...ip, hosts: undefined } };
    const words = [...DOCTOR, `--netns=${router.scene.router.namespace.path}`, `--config=${JSON.stringify(config)}`];
    const { findings, notExamined } = report(router.scene.node.namespace, words);
    expect(findings).toEqual([]);
    expect(JSON.stringify(notExamined)).not.toContain('names');
  });
});
