/** Which cloud. What a user proves himself with is read from the environment and from clouds.yaml whenever a request is made. */
export interface Connection {
  /**
   * Name of the cloud in clouds.yaml.
   *
   * @default - `OS_CLOUD`, else the `OS_*` variables, else the only cloud in clouds.yaml
   */
  readonly cloud?: string;

  /**
   * Region whose endpoints are used.
   *
   * @default - `OS_REGION_NAME` or `region_name` in clouds.yaml, else the first in the catalog
   */
  readonly region?: string;
}
