/** Like jest's `describe`, for tests that only run with `--full`, because they take minutes. */
export const whenFull = process.env.EGRESS_ROUTER_FULL === undefined ? () => undefined : describe;
