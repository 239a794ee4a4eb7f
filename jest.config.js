const common = {
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: {
    '^cdk8s-egress-router$': '<rootDir>/src',
    '^cdk8s-egress-router/config$': '<rootDir>/src/config',
  },
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/api-server/'],
    },
    {
      ...common,
      displayName: 'api-server',
      testMatch: ['<rootDir>/test/api-server/**/*.test.ts'],
    },
  ],
  testTimeout: 60_000,
};
