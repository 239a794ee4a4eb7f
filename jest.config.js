/** @type {import('jest').Config} */
module.exports = {
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  moduleNameMapper: {
    '^cdk8s-egress-router$': '<rootDir>/src',
    '^cdk8s-egress-router/config$': '<rootDir>/src/config',
  },
};
