const common = {
  // Not among temporary files: npm test has a folder of its own for those.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: {
    '^cdk8s-egress-router$': '<rootDir>/src',
    '^cdk8s-egress-router/domain$': '<rootDir>/src/domain',
    '^pulumi-egress-router/(openstack|vsphere)$': '<rootDir>/cloud/$1',
    // Not in every registry.
    '^@pulumi/vsphere$': '<rootDir>/test/support/pulumi-vsphere',
    '^bun:ffi$': '<rootDir>/test/support/no-foreign-functions',
  },
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '<rootDir>/test/api-server/',
        '<rootDir>/test/kernel/',
        '<rootDir>/test/packages/',
        '<rootDir>/test/openstack/',
        '<rootDir>/test/pictures/',
      ],
    },
    {
      ...common,
      displayName: 'api-server',
      testMatch: ['<rootDir>/test/api-server/**/*.test.ts'],
    },
    {
      // A real browser.
      ...common,
      displayName: 'pictures',
      testMatch: ['<rootDir>/test/pictures/**/*.test.ts'],
    },
    {
      // Needs the npm registry.
      ...common,
      displayName: 'packages',
      testMatch: ['<rootDir>/test/packages/**/*.test.ts'],
    },
    {
      // Real network namespaces, as root; one file at a time, because times and the kernel's tables are shared.
      ...common,
      displayName: 'kernel',
      testMatch: ['<rootDir>/test/kernel/**/*.test.ts'],
    },
    {
      // A real Keystone and Neutron, one for all files, and the real Pulumi engine.
      ...common,
      displayName: 'openstack',
      testMatch: ['<rootDir>/test/openstack/**/*.test.ts'],
      // A minute for each release of Neutron and firewall of an agent.
      testPathIgnorePatterns:
        process.env.EGRESS_ROUTER_FULL === undefined
          ? ['/ovn/neutron-29.test.ts$', '/ovs/other-firewalls.test.ts$']
          : [],
      globalSetup: '<rootDir>/test/openstack/server/global-setup.ts',
      globalTeardown: '<rootDir>/test/openstack/server/global-teardown.ts',
    },
    {
      // A real cluster, one for all scenarios.
      ...common,
      displayName: 'e2e',
      testMatch: ['<rootDir>/e2e/e2e.test.ts'],
    },
  ],
  testTimeout: 60_000,
};
