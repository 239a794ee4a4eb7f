import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../cloud/openstack/client/clouds-yaml';
import { findCredentials } from '../../../cloud/openstack/client/credentials';

const SECRET = 'p4ss-w0rd-that-stays-secret';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'egress-router-credentials-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
}

function machine(variables: Environment['variables'] = {}): Environment {
  const folders = { currentFolder: join(root, 'here'), homeFolder: join(root, 'home') };
  return { variables, ...folders, siteFolders: [join(root, 'etc/xdg/openstack'), join(root, 'etc/openstack')] };
}

const cloud = (name: string, user: string) => `clouds:
  ${name}:
    auth: { auth_url: https://keystone.example.org:5000, username: ${user}, password: ${SECRET}, project_name: egress }
`;

const find = (environment: Environment, name?: string) => findCredentials({ cloud: name }, environment);

const methodOf = (credentials: ReturnType<typeof find>) =>
  credentials.identity.kind === 'keystone' ? (credentials.identity.method as Record<string, unknown>) : undefined;

/** The user that the credentials found are of. */
const userOf = (credentials: ReturnType<typeof find>) =>
  (methodOf(credentials)?.password as { user: { name: string } } | undefined)?.user.name;

test('clouds.yaml in its search order: the first one counts, alone', () => {
  const places = [
    ['etc/openstack/clouds.json', machine()],
    ['etc/openstack/clouds.yml', machine()],
    ['etc/openstack/clouds.yaml', machine()],
    ['etc/xdg/openstack/clouds.yaml', machine()],
    ['home/.config/openstack/clouds.yaml', machine()],
    ['config/openstack/clouds.yaml', machine({ XDG_CONFIG_HOME: join(root, 'config') })],
    ['here/clouds.yaml', machine()],
    ['elsewhere/named.yaml', machine({ OS_CLIENT_CONFIG_FILE: join(root, 'elsewhere/named.yaml') })],
  ] as const;
  places.forEach(([path, environment], index) => {
    const json = JSON.stringify({
      clouds: {
        only: { auth: { auth_url: 'https://k', username: `user-${index}`, password: 'x', project_name: 'p' } },
      },
    });
    const file = write(path, path.endsWith('.json') ? json : cloud('only', `user-${index}`));
    const found = find(environment);
    expect({ path, user: userOf(found) }).toEqual({ path, user: `user-${index}` });
    expect(found.source).toBe(`cloud "only" of ${file}`);
  });
});

test('secure.yaml is merged over it, found by its own search', () => {
  write(
    'home/.config/openstack/clouds.yaml',
    'clouds: { lab: { auth: { auth_url: https://k/v3, username: u, project_id: p }, region_name: one } }',
  );
  write('etc/openstack/secure.yaml', `clouds: { lab: { auth: { password: ${SECRET} } } }`);
  const found = find(machine());
  expect(methodOf(found)).toEqual({
    methods: ['password'],
    password: { user: { name: 'u', domain: { id: 'default' }, password: SECRET } },
  });
  expect(found).toMatchObject({
    region: 'one',
    interface: 'public',
    identity: { authUrl: 'https://k/v3', scope: { project: { id: 'p' } } },
  });
});

test('the cloud: asked for, OS_CLOUD, the variables, the only one', () => {
  write('here/clouds.yaml', `${cloud('one', 'first')}${cloud('two', 'second').replace('clouds:\n', '')}`);
  const variables = { OS_AUTH_URL: 'https://k', OS_USERNAME: 'third', OS_PASSWORD: SECRET, OS_PROJECT_NAME: 'p' };
  expect(userOf(find(machine({ OS_CLOUD: 'two', ...variables }), 'one'))).toBe('first');
  expect(userOf(find(machine({ OS_CLOUD: 'two', ...variables })))).toBe('second');
  expect(userOf(find(machine(variables)))).toBe('third');
  expect(userOf(find(machine({ OS_CLOUD: 'envvars', ...variables })))).toBe('third');
  write('here/clouds.yaml', cloud('one', 'first'));
  expect(userOf(find(machine()))).toBe('first');
});

test('region, interface and certificates may stand in variables beside the file; the file wins', () => {
  const certificate = write('ca.pem', '-----BEGIN CERTIFICATE-----\n…');
  write('here/clouds.yaml', cloud('one', 'u'));
  const beside = { OS_REGION_NAME: 'r2', OS_INTERFACE: 'internalURL', OS_CACERT: certificate };
  expect(find(machine(beside))).toMatchObject({
    region: 'r2',
    interface: 'internal',
    ca: expect.stringContaining('CERT'),
  });
  write('here/clouds.yaml', `${cloud('one', 'u')}    region_name: r1\n    interface: admin\n`);
  expect(find(machine(beside))).toMatchObject({ region: 'r1', interface: 'admin' });
  expect(findCredentials({ region: 'r0' }, machine(beside))).toMatchObject({ region: 'r0' });
});

test('every scalar is text: digits, words and dates are passwords too; anchors are merged', () => {
  for (const password of ['0123456', 'yes', '2026-01-01', '1e3', "'null'"]) {
    write(
      'here/clouds.yaml',
      `base: &base { auth_url: https://k, username: u, project_name: p }\nclouds: { a: { auth: { <<: *base, password: ${password} } } }`,
    );
    expect(methodOf(find(machine()))).toMatchObject({
      password: { user: { name: 'u', password: password.replaceAll("'", '') } },
    });
  }
});

const complete = `{ auth: { auth_url: https://k, username: u, password: ${SECRET}, project_name: p } }`;

describe('what is empty says nothing', () => {
  test.each(['', 'null', '~'])('in secure.yaml and in a setting: %j', (nothing) => {
    const whole = [
      `clouds:\n  a: { auth: { auth_url: https://k, username: u, password: ${SECRET}, project_name: p }, region_name: ${nothing} }\n`,
      `clouds: ${nothing}\n`,
    ];
    for (const secure of [
      nothing,
      `clouds: ${nothing}`,
      `clouds: { a: ${nothing} }`,
      `clouds: { a: { auth: ${nothing} } }`,
    ]) {
      write('here/clouds.yaml', whole[0]!);
      write('here/secure.yaml', secure);
      const found = find(machine());
      expect({ secure, user: userOf(found), region: found.region }).toEqual({ secure, user: 'u', region: undefined });
    }
    write('here/clouds.yaml', whole[1]!);
    write('here/secure.yaml', '');
    expect(refusal(() => find(machine()))).toContain('there is no cloud in');
  });

  test('in JSON', () => {
    write('here/clouds.json', JSON.stringify({ clouds: { a: { auth: null } } }));
    write('here/secure.json', 'null');
    expect(refusal(() => find(machine()))).toContain('clouds.a.auth.auth_url: (nothing) is missing');
  });

  test.each(['clouds: { a: }', 'clouds: { a: { auth: } }', 'clouds: { a: { auth: { auth_url: } } }'])(
    'and what is missing is named: %s',
    (text) => {
      write('here/clouds.yaml', text);
      expect(refusal(() => find(machine()))).toContain('clouds.a.auth.auth_url: (nothing) is missing');
    },
  );

  test.each([SECRET, `[{ password: ${SECRET} }]`])(
    'a section of another kind is refused by its path: %s',
    (section) => {
      write('here/clouds.yaml', `clouds: { a: { auth: ${section} } }`);
      expect(refusal(() => find(machine()))).toContain('clouds.a.auth: "(hidden)" is not a table');
    },
  );
});

describe('regions, as openstacksdk reads them', () => {
  const REGIONS = '[r1, { name: r2, values: { interface: internal, auth: { username: second } } }]';
  const listed = (regions: string, more = '') =>
    write('here/clouds.yaml', `clouds: { a: ${complete.replace(/}$/, `, regions: ${regions}${more} }`)} }`);

  test('the first, OS_REGION_NAME, the one that the program says; with its own settings', () => {
    listed(REGIONS);
    const seen = (region?: string, variables = {}) => {
      const found = findCredentials({ region }, machine(variables));
      return [found.region, found.interface, userOf(found)];
    };
    expect(seen()).toEqual(['r1', 'public', 'u']);
    expect(seen(undefined, { OS_REGION_NAME: 'r2' })).toEqual(['r2', 'internal', 'second']);
    expect(seen('r1', { OS_REGION_NAME: 'r2' })).toEqual(['r1', 'public', 'u']);
    listed('[]');
    expect(seen('r9')).toEqual(['r9', 'public', 'u']);
  });

  test.each([
    ['region', 'r3', {}, 'region: "r3" is not in the `regions` of this cloud; accepted: r1, r2'],
    ['OS_REGION_NAME', undefined, { OS_REGION_NAME: 'R1' }, 'OS_REGION_NAME: "R1" is not in the `regions`'],
  ])('one that is not listed: %s', (_where, region, variables, expected) => {
    listed(REGIONS);
    expect(refusal(() => findCredentials({ region }, machine(variables)))).toContain(expected);
  });

  test.each([
    ['r1', '', 'clouds.a.regions: "r1" is not a list; accepted: a list of names, or of { name, values }'],
    ['[{ values: {} }]', '', 'clouds.a.regions[0].name: (nothing) is missing'],
    [
      `[{ name: r1, value: { auth: { password: ${SECRET} } } }]`,
      '',
      'clouds.a.regions[0].value: "(hidden)" is an unknown key (did you mean "values"?)',
    ],
    [`{ name: r1, values: ${SECRET} }`, '', 'clouds.a.regions: {"name":"(hidden)","values":"(hidden)"} is not a list'],
    [`[{ name: r1, values: ${SECRET} }]`, '', 'clouds.a.regions[0].values: "(hidden)" is not a table'],
    [`[{ name: r1, values: { auth: [${SECRET}] } }]`, '', 'clouds.a.regions[0].values.auth: "(hidden)" is not a table'],
    ['[r1, r2]', ', region_name: r2', 'clouds.a.region_name: "r2" is given beside `regions`'],
    ["''", ', region_name: "r1,r2"', 'clouds.a.region_name: "r1,r2" is a list; accepted: the name of one region'],
    [
      "''",
      ', region_name: [r1]',
      'clouds.a.region_name: ["(hidden)"] is not a string; accepted: the name of one region',
    ],
    ['[{ name: r1, values: { interface: x } }]', '', 'clouds.a.regions[0].values.interface: "x" is not known'],
  ])('refused: %s%s', (regions, more, expected) => {
    listed(regions, more);
    expect(refusal(() => find(machine()))).toContain(expected);
  });
});

test('settings of `auth` beside it count if `auth` lacks them', () => {
  write(
    'here/clouds.yaml',
    `clouds: { a: { auth_url: https://beside, username: beside, auth: { username: in, password: ${SECRET}, project_name: p } } }`,
  );
  const found = find(machine());
  expect(found.identity).toMatchObject({ authUrl: 'https://beside/v3' });
  expect(userOf(found)).toBe('in');
});

test('a domain beside a project is that of the project and of the user, said once', () => {
  const common = { OS_AUTH_URL: 'https://k', OS_USERNAME: 'u', OS_PASSWORD: SECRET };
  const domains = (variables: Record<string, string>) => {
    const { identity } = find(machine({ ...common, ...variables }));
    const { method, scope } = identity as unknown as Record<string, Record<string, Record<string, object>>>;
    return [method!.password!.user, scope!.project].map((part) => (part as { domain?: object }).domain);
  };
  expect(domains({ OS_PROJECT_NAME: 'p', OS_DOMAIN_NAME: 'd' })).toEqual([{ name: 'd' }, { name: 'd' }]);
  const own = { OS_USER_DOMAIN_NAME: 'Users', OS_PROJECT_DOMAIN_ID: 'i' };
  expect(domains({ OS_PROJECT_NAME: 'p', OS_DOMAIN_ID: 'd', ...own })).toEqual([{ name: 'Users' }, { id: 'i' }]);
  expect(domains({ OS_PROJECT_ID: 'p', OS_DOMAIN_ID: 'd' })).toEqual([{ id: 'd' }, undefined]);
  expect(refusal(() => find(machine({ ...common, OS_DOMAIN_NAME: 'd' })))).toContain(
    'OS_DOMAIN_NAME: "d" is not supported; accepted: a project',
  );
});

test("a client's certificate is refused where the variables say it, beside a file too", () => {
  const variables = { OS_AUTH_URL: 'https://k', OS_USERNAME: 'u', OS_PASSWORD: SECRET, OS_PROJECT_NAME: 'p' };
  const expected = '"/c.pem" is not supported; accepted: credentials without a client\'s certificate';
  for (const name of ['OS_CERT', 'OS_KEY']) {
    expect(refusal(() => find(machine({ ...variables, [name]: '/c.pem' })))).toContain(`${name}: ${expected}`);
    write('here/clouds.yaml', cloud('one', 'u'));
    expect(refusal(() => find(machine({ [name]: '/c.pem' })))).toContain(`${name}: ${expected}`);
    rmSync(join(root, 'here/clouds.yaml'));
  }
});

test('each way to prove who one is', () => {
  const base = { OS_AUTH_URL: 'https://k/v3/' };
  const of = (variables: Record<string, string>) => find(machine({ ...base, ...variables })).identity;
  expect(of({ OS_USER_ID: 'u', OS_PASSWORD: SECRET, OS_PROJECT_NAME: 'p', OS_PROJECT_DOMAIN_NAME: 'd' })).toEqual({
    kind: 'keystone',
    authUrl: 'https://k/v3',
    method: { methods: ['password'], password: { user: { id: 'u', password: SECRET } } },
    secret: SECRET,
    scope: { project: { name: 'p', domain: { name: 'd' } } },
    isRenewable: true,
  });
  expect(of({ OS_APPLICATION_CREDENTIAL_ID: 'i', OS_APPLICATION_CREDENTIAL_SECRET: SECRET })).toMatchObject({
    method: { methods: ['application_credential'], application_credential: { id: 'i', secret: SECRET } },
    secret: SECRET,
    scope: undefined,
  });
  const named = { OS_APPLICATION_CREDENTIAL_NAME: 'n', OS_USERNAME: 'u', OS_USER_DOMAIN_ID: 'd' };
  expect(
    of({ ...named, OS_APPLICATION_CREDENTIAL_SECRET: SECRET, OS_AUTH_TYPE: 'v3applicationcredential' }),
  ).toMatchObject({
    method: { application_credential: { name: 'n', user: { name: 'u', domain: { id: 'd' } }, secret: SECRET } },
  });
  expect(of({ OS_TOKEN: SECRET })).toMatchObject({
    method: { methods: ['token'], token: { id: SECRET } },
    secret: SECRET,
    scope: undefined,
    isRenewable: false,
  });
  const none = { OS_AUTH_TYPE: 'none', OS_ENDPOINT: 'http://127.0.0.1:9696/' };
  expect(of(none)).toEqual({ kind: 'none', endpoint: 'http://127.0.0.1:9696' });
});

/** What `run` throws. Whatever that is, it holds no secret. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const message = String(error);
    expect(message).not.toContain(SECRET);
    return message;
  }
  throw new Error('nothing was refused');
}

test('missing credentials: the error names the searched files', () => {
  const message = refusal(() => find(machine()));
  expect(message).toContain('OS_AUTH_URL is not set');
  for (const place of ['here/clouds.yaml', 'home/.config/openstack/clouds.yml', 'etc/openstack/clouds.json']) {
    expect(message).toContain(join(root, place));
  }
});

test('an unknown cloud: which ones there are, and which was probably meant', () => {
  write('here/clouds.yaml', `${cloud('production', 'u')}${cloud('staging', 'u').replace('clouds:\n', '')}`);
  const message = refusal(() => find(machine(), 'productoin'));
  expect(message).toContain('cloud: "productoin" is not in');
  expect(message).toContain('did you mean "production"?');
  expect(message).toContain('accepted: production, staging');
  expect(refusal(() => find(machine()))).toContain('cloud: (nothing) is missing');
});

test.each([
  ['clouds: [', 'line 2 is not YAML (unexpected end of the stream'],
  [`clouds: { a: { auth: { password: *${SECRET} } } }`, 'line 1 is not YAML (unidentified alias)'],
  [`clouds:\n  a:\n    auth: { password: !${SECRET} x }`, 'is not YAML (unknown tag)'],
  [`clouds:\n  a:\n    auth: { password: "${SECRET}" : }`, 'line 3 is not YAML'],
  ['clouds: [a, b]', 'clouds: is not a table'],
  ['- a', 'clouds: is not a table'],
  ['clouds: { a: text }', 'clouds: is not a table'],
  ['clouds: {}', 'there is no cloud in'],
])('an invalid clouds.yaml is rejected: %s', (text, expected) => {
  const file = write('here/clouds.yaml', text);
  const message = refusal(() => find(machine()));
  expect(message).toContain(expected);
  expect(message).toContain(file);
});

const AUTH = `auth_url: https://k, username: u, password: ${SECRET}, project_name: p`;

test.each([
  // settings of the cloud, path, what is wrong, what is accepted
  [`auth: { username: u, password: ${SECRET}, project_name: p }`, 'clouds.a.auth.auth_url', 'is missing', 'https://'],
  [
    `auth: { auth_url: "ftp://k", username: u, password: ${SECRET}, project_name: p }`,
    'auth_url: "ftp://k"',
    'is not the address',
    'https://',
  ],
  [
    `auth: { auth_url: "https://u:${SECRET}@k", username: u, password: x, project_name: p }`,
    'auth_url: "(hidden)"',
    'carries credentials',
    'https://',
  ],
  [
    `auth: { auth_url: "https://k/v2.0", username: u, password: ${SECRET}, project_name: p }`,
    'auth_url',
    'version 2',
    '/v3',
  ],
  [`auth: { auth_url: https://k, password: ${SECRET}, project_name: p }`, 'auth.username', 'is missing', 'user_id'],
  ['auth: { auth_url: https://k, username: u, project_name: p }', 'auth.password', 'is missing', 'password'],
  [
    `auth: { auth_url: https://k, username: u, password: [${SECRET}], project_name: p }`,
    'auth.password: "(hidden)"',
    'is not a string',
    'password',
  ],
  [`auth: { auth_url: https://k, username: u, password: ${SECRET} }`, 'auth.project_name', 'is missing', 'project_id'],
  [`auth: { ${AUTH}, system_scope: all }`, 'auth.system_scope: "all"', 'is not supported', 'project_id'],
  [`auth: { ${AUTH}, trust_id: t }`, 'auth.trust_id', 'is not supported', 'project_id'],
  [
    `auth: { ${AUTH} }, auth_type: v3oidcpassword`,
    'auth_type: "v3oidcpassword"',
    'is not known',
    'v3applicationcredential',
  ],
  [`auth: { ${AUTH} }, auth_type: v2password`, 'auth_type: "v2password"', 'is not known', 'v3password'],
  [
    `auth: { auth_url: https://k, application_credential_secret: ${SECRET} }`,
    'application_credential_id',
    'is missing',
    'application_credential_name',
  ],
  [
    'auth: { auth_url: https://k, application_credential_id: i }, auth_type: v3applicationcredential',
    'application_credential_secret',
    'is missing',
    'the secret',
  ],
  [`auth: { ${AUTH} }, profile: vexxhost`, 'profile: "vexxhost"', 'is not supported', "the profile's other settings"],
  [`auth: { ${AUTH} }, cloud: rackspace`, 'cloud: "rackspace"', 'is not supported', "the profile's other settings"],
  [`auth: { ${AUTH} }, cert: /c.pem`, 'clouds.a.cert', 'is not supported', "client's certificate"],
  [`auth: { ${AUTH} }, verify: false`, 'clouds.a.verify: "false"', 'is not supported', 'cacert'],
  [`auth: { ${AUTH} }, insecure: true`, 'clouds.a.insecure: "true"', 'is not supported', 'cacert'],
  [
    `auth: { ${AUTH} }, cacert: /nowhere/ca.pem`,
    'clouds.a.cacert: "/nowhere/ca.pem"',
    'cannot be read (ENOENT)',
    'PEM',
  ],
  [`auth: { ${AUTH} }, interface: private`, 'clouds.a.interface: "private"', 'is not known', 'public, internal, admin'],
  [`auth: { ${AUTH} }, identity_api_version: 2`, 'identity_api_version: "2"', 'is not supported', 'accepted: 3'],
  ['auth_type: none', 'clouds.a.endpoint', 'is missing', 'https://'],
])('refused: { %s }', (settings, path, problem, accepted) => {
  write('here/clouds.yaml', `clouds: { a: { ${settings} } }`);
  const message = refusal(() => find(machine()));
  expect(message).toContain(path);
  expect(message).toContain(problem);
  expect(message.slice(message.indexOf('accepted:'))).toContain(accepted);
});

test.each([
  ['profile', `{ auth: { password: ${SECRET} } }`, 'profile: {"auth":"(hidden)"} is not supported'],
  ['interface', `{ password: ${SECRET} }`, 'interface: {"password":"(hidden)"} is not known'],
  ['region_name', `[${SECRET}]`, 'region_name: ["(hidden)"] is not a string'],
  ['cacert', `[[${SECRET}]]`, 'cacert: ["(hidden)"] is not a string'],
])('a section in the place of a setting is not shown: %s', (setting, section, expected) => {
  write('here/clouds.yaml', `clouds: { a: { auth: { ${AUTH} }, ${setting}: ${section} } }`);
  expect(refusal(() => find(machine()))).toContain(expected);
});

test('variables that are wrong are named as variables', () => {
  const message = refusal(() => find(machine({ OS_AUTH_URL: 'https://k', OS_USERNAME: 'u', OS_INSECURE: 'true' })));
  for (const name of [
    'OS_PASSWORD: (nothing) is missing',
    'OS_PROJECT_NAME: (nothing) is missing',
    'OS_INSECURE: "true"',
  ]) {
    expect(message).toContain(name);
  }
});
