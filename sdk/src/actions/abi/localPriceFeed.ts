// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `LocalPriceFeed`, as it is compiled. */
export const localPriceFeedAbi = [
  {"type":"constructor","inputs":[{"name":"owner_","type":"address"},{"name":"description_","type":"string"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"NotADevelopmentChain","inputs":[{"name":"chainId","type":"uint256"}]},
  {"type":"error","name":"NotOwner","inputs":[{"name":"caller","type":"address"}]},
  {"type":"function","name":"decimals","inputs":[],"outputs":[{"name":"","type":"uint8"}],"stateMutability":"pure"},
  {"type":"function","name":"description","inputs":[],"outputs":[{"name":"","type":"string"}],"stateMutability":"view"},
  {"type":"function","name":"latestRoundData","inputs":[],"outputs":[{"name":"","type":"uint80"},{"name":"","type":"int256"},{"name":"","type":"uint256"},{"name":"","type":"uint256"},{"name":"","type":"uint80"}],"stateMutability":"view"},
  {"type":"function","name":"owner","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"publish","inputs":[{"name":"answer","type":"int120"}],"outputs":[],"stateMutability":"nonpayable"},
] as const;
