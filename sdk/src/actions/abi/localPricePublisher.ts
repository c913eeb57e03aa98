// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `LocalPricePublisher`, as it is compiled. */
export const localPricePublisherAbi = [
  {"type":"constructor","inputs":[{"name":"owner_","type":"address"},{"name":"descriptions","type":"string[]"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"AnswerCountWrong","inputs":[{"name":"count","type":"uint256"},{"name":"expected","type":"uint256"}]},
  {"type":"error","name":"NotOwner","inputs":[{"name":"caller","type":"address"}]},
  {"type":"function","name":"feeds","inputs":[],"outputs":[{"name":"","type":"address[]"}],"stateMutability":"view"},
  {"type":"function","name":"owner","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"publish","inputs":[{"name":"answers","type":"int120[]"}],"outputs":[],"stateMutability":"nonpayable"},
] as const;
