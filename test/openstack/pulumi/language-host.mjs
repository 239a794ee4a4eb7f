// What `pulumi-language-nodejs` is to the command line, as far as running a program needs it: the engine starts it, and
// asks it by gRPC to run the program. Pulumi's own, a Go program, comes with its download only. The program is run by
// what runs it there too: cmd/run of the project's @pulumi/pulumi.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const grpc = createRequire(require.resolve('@pulumi/pulumi'))('@grpc/grpc-js');
const services = require('@pulumi/pulumi/proto/language_grpc_pb');
const messages = require('@pulumi/pulumi/proto/language_pb');
const plugin = require('@pulumi/pulumi/proto/plugin_pb');

const engine = process.argv.at(-1);

function run({ request }, callback) {
  const { configMap, configsecretkeysList, ...info } = request.toObject();
  const inProject = createRequire(`${info.pwd}/`);
  const flags = {
    monitor: info.monitorAddress,
    engine,
    project: info.project,
    stack: info.stack,
    organization: info.organization,
    pwd: info.pwd,
    parallel: info.parallel,
    'dry-run': info.dryrun,
  };
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  const env = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(configMap)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(configsecretkeysList),
    PULUMI_NODEJS_TYPESCRIPT: 'true',
  };
  const child = spawn(process.execPath, [inProject.resolve('@pulumi/pulumi/cmd/run'), ...words, info.program || '.'], {
    cwd: info.pwd,
    env,
    stdio: ['ignore', 2, 2],
  });
  child.on('exit', (status) => {
    const response = new messages.RunResponse();
    if (status !== 0) response.setError(`the program ended with status ${status}`);
    callback(null, response);
  });
}

const server = new grpc.Server();
server.addService(services.LanguageRuntimeService, {
  run,
  getPluginInfo: (_call, callback) => callback(null, new plugin.PluginInfo()),
  getRequiredPackages: (_call, callback) => callback(null, new messages.GetRequiredPackagesResponse()),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
