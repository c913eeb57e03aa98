// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `LossBook`, as it is compiled. */
export const lossBookAbi = [
  {"type":"constructor","inputs":[{"name":"house_","type":"address"},{"name":"liquidation_","type":"address"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"AddressZero","inputs":[]},
  {"type":"error","name":"NotHouse","inputs":[{"name":"sender","type":"address"}]},
  {"type":"error","name":"NotLiquidation","inputs":[{"name":"sender","type":"address"}]},
  {"type":"event","name":"LossBorne","inputs":[{"name":"account","type":"bytes32","indexed":true},{"name":"share","type":"uint256","indexed":false}],"anonymous":false},
  {"type":"event","name":"LossShared","inputs":[{"name":"shared","type":"uint256","indexed":false},{"name":"unpaid","type":"uint256","indexed":false},{"name":"factor","type":"uint256","indexed":false}],"anonymous":false},
  {"type":"function","name":"RAMP","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"count","inputs":[{"name":"account","type":"bytes32"},{"name":"before","type":"int256"},{"name":"cash","type":"int256"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"house","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"lastLossAt","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"liquidation","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"owed","inputs":[{"name":"account","type":"bytes32"},{"name":"cash","type":"int256"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"pending","inputs":[],"outputs":[{"name":"","type":"int256"}],"stateMutability":"view"},
  {"type":"function","name":"positive","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"relief","inputs":[{"name":"account","type":"bytes32"}],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"shareOut","inputs":[{"name":"loss","type":"uint256"}],"outputs":[{"name":"shared","type":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"function","name":"take","inputs":[{"name":"account","type":"bytes32"},{"name":"cash","type":"int256"}],"outputs":[{"name":"share","type":"uint256"}],"stateMutability":"nonpayable"},
] as const;
