// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `LocalDVN`, as it is compiled. */
export const localDvnAbi = [
  {"type":"constructor","inputs":[{"name":"operator_","type":"address"},{"name":"flatFee_","type":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"CallerNotOperator","inputs":[{"name":"caller","type":"address"}]},
  {"type":"error","name":"JobWithValue","inputs":[{"name":"value","type":"uint256"}]},
  {"type":"event","name":"JobAssigned","inputs":[{"name":"dstEid","type":"uint32","indexed":true},{"name":"payloadHash","type":"bytes32","indexed":true},{"name":"confirmations","type":"uint64","indexed":false},{"name":"sender","type":"address","indexed":false}],"anonymous":false},
  {"type":"function","name":"assignJob","inputs":[{"name":"job","type":"tuple","components":[{"name":"dstEid","type":"uint32"},{"name":"packetHeader","type":"bytes"},{"name":"payloadHash","type":"bytes32"},{"name":"confirmations","type":"uint64"},{"name":"sender","type":"address"}]},{"name":"","type":"bytes"}],"outputs":[{"name":"fee","type":"uint256"}],"stateMutability":"payable"},
  {"type":"function","name":"flatFee","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"getFee","inputs":[{"name":"","type":"uint32"},{"name":"","type":"uint64"},{"name":"","type":"address"},{"name":"","type":"bytes"}],"outputs":[{"name":"fee","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"operator","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"verify","inputs":[{"name":"receiveLibrary","type":"address"},{"name":"packetHeader","type":"bytes"},{"name":"payloadHash","type":"bytes32"},{"name":"confirmations","type":"uint64"}],"outputs":[],"stateMutability":"nonpayable"},
] as const;
