// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `SettlementPrices`, as it is compiled. */
export const settlementPricesAbi = [
  {"type":"constructor","inputs":[{"name":"log_","type":"address"},{"name":"window_","type":"uint64"},{"name":"minimumCount_","type":"uint256"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"LaneUnknown","inputs":[{"name":"lane","type":"uint256"}]},
  {"type":"error","name":"ObservationAlreadyRecorded","inputs":[{"name":"observedAt","type":"uint64"}]},
  {"type":"error","name":"ObservationBeforeWindow","inputs":[{"name":"observedAt","type":"uint64"},{"name":"from","type":"uint64"}]},
  {"type":"error","name":"SettlementFinal","inputs":[{"name":"lane","type":"uint256"},{"name":"expiry","type":"uint64"}]},
  {"type":"error","name":"SettlementNotFinal","inputs":[{"name":"lane","type":"uint256"},{"name":"expiry","type":"uint64"}]},
  {"type":"error","name":"WindowInvalid","inputs":[{"name":"window","type":"uint256"},{"name":"minimumCount","type":"uint256"}]},
  {"type":"event","name":"PriceRecorded","inputs":[{"name":"lane","type":"uint256","indexed":true},{"name":"expiry","type":"uint64","indexed":true},{"name":"price","type":"uint256","indexed":false},{"name":"observedAt","type":"uint64","indexed":false},{"name":"count","type":"uint256","indexed":false}],"anonymous":false},
  {"type":"function","name":"isFinal","inputs":[{"name":"lane","type":"uint256"},{"name":"expiry","type":"uint64"}],"outputs":[{"name":"","type":"bool"}],"stateMutability":"view"},
  {"type":"function","name":"log","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"minimumCount","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"patience","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"record","inputs":[{"name":"lane","type":"uint256"},{"name":"expiry","type":"uint64"}],"outputs":[],"stateMutability":"nonpayable"},
  {"type":"function","name":"recorded","inputs":[{"name":"lane","type":"uint256"},{"name":"expiry","type":"uint64"}],"outputs":[{"name":"count","type":"uint256"},{"name":"lastObservedAt","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"settlementPrice","inputs":[{"name":"lane","type":"uint256"},{"name":"expiry","type":"uint64"}],"outputs":[{"name":"price","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"window","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
] as const;
