// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `LocalExecutor`, as it is compiled. */
export const localExecutorAbi = [
  {"type":"constructor","inputs":[{"name":"flatFee_","type":"uint256"},{"name":"gasPrice_","type":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"GasBelowOptions","inputs":[{"name":"gasLeft","type":"uint256"},{"name":"gasPromised","type":"uint256"}]},
  {"type":"error","name":"OptionsNotUnderstood","inputs":[{"name":"options","type":"bytes"}]},
  {"type":"error","name":"ReceiveGasMissing","inputs":[{"name":"options","type":"bytes"}]},
  {"type":"event","name":"JobAssigned","inputs":[{"name":"dstEid","type":"uint32","indexed":true},{"name":"sender","type":"address","indexed":true},{"name":"messageSize","type":"uint256","indexed":false},{"name":"options","type":"bytes","indexed":false}],"anonymous":false},
  {"type":"event","name":"PacketExecuted","inputs":[{"name":"guid","type":"bytes32","indexed":true},{"name":"receiver","type":"address","indexed":true},{"name":"gasUsed","type":"uint256","indexed":false}],"anonymous":false},
  {"type":"function","name":"assignJob","inputs":[{"name":"dstEid","type":"uint32"},{"name":"sender","type":"address"},{"name":"messageSize","type":"uint256"},{"name":"options","type":"bytes"}],"outputs":[{"name":"price","type":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"execute","inputs":[{"name":"endpoint","type":"address"},{"name":"origin","type":"tuple","components":[{"name":"srcEid","type":"uint32"},{"name":"sender","type":"bytes32"},{"name":"nonce","type":"uint64"}]},{"name":"receiver","type":"address"},{"name":"guid","type":"bytes32"},{"name":"message","type":"bytes"},{"name":"gasLimit","type":"uint256"}],"outputs":[],"stateMutability":"payable"},
  {"type":"function","name":"flatFee","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"gasPrice","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"getFee","inputs":[{"name":"","type":"uint32"},{"name":"","type":"address"},{"name":"","type":"uint256"},{"name":"options","type":"bytes"}],"outputs":[{"name":"price","type":"uint256"}],"stateMutability":"view"},
] as const;
