import { ApiObject, type ApiObjectMetadata, Lazy } from 'cdk8s';
import type { Construct } from 'constructs';
import { isLazy } from '../../domain/input/decoder';
import { issueText } from '../../domain/input/issue';
import { keepPatches } from '../patch-keeper';

/** Properties for `NetworkAttachmentDefinition`. */
export interface NetworkAttachmentDefinitionProps {
  /**
   * Metadata of the object. Pods refer to its name.
   *
   * @default - a generated name
   */
  readonly metadata?: ApiObjectMetadata;

  /**
   * The CNI configuration: `cniVersion`, `name`, and the `type` of a plugin or a list under `plugins`.
   *
   * @see https://www.cni.dev/docs/spec/#section-1-network-configuration-format
   */
  // biome-ignore lint/suspicious/noExplicitAny: jsii knows no other type for a JSON value
  readonly config: { readonly [key: string]: any };
}

/**
 * A network that Multus can attach to pods, for any CNI plugin. The configuration is written as indented JSON, so
 * that a review shows the lines that changed.
 *
 * @see https://github.com/k8snetworkplumbingwg/multi-net-spec
 */
export class NetworkAttachmentDefinition extends ApiObject {
  /**
   * @param scope the chart, or a construct in one
   * @param id name within the scope
   * @param props the network
   */
  public constructor(scope: Construct, id: string, props: NetworkAttachmentDefinitionProps) {
    super(scope, id, {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: props?.metadata,
      spec: { config: Lazy.any({ produce: () => configText(props?.config) }) },
    });
    keepPatches(this);
    // Only where there is something to say: cdk8s asks every validation of an app once for each chart.
    if (!isNetwork(props?.config)) this.node.addValidation({ validate: () => [notANetwork(props?.config)] });
  }
}

function notANetwork(value: unknown): string {
  const problem = 'has neither a plugin\'s "type" nor a list of "plugins"';
  return issueText({ path: 'config', value, problem, accepted: 'a CNI network configuration' });
}

function configText(config: unknown): string {
  return JSON.stringify(isLazy(config) ? config.produce() : config, undefined, 2);
}

/** A router hands its configuration over late, because rules can still be added to it, and has checked it itself. */
function isNetwork(config: unknown): boolean {
  if (isLazy(config)) return true;
  if (typeof config !== 'object' || config === null) return false;
  const { type, plugins } = config as Record<string, unknown>;
  return (typeof type === 'string' && type !== '') || (Array.isArray(plugins) && plugins.length > 0);
}
