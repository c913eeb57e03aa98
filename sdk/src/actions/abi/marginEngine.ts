// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `MarginEngine`, as it is compiled. */
export const marginEngineAbi = [
  {"type":"constructor","inputs":[{"name":"house_","type":"address"}],"stateMutability":"nonpayable"},
  {"type":"error","name":"AddressZero","inputs":[]},
  {"type":"error","name":"ArrayWordsMissing","inputs":[{"name":"array","type":"uint256"}]},
  {"type":"error","name":"BalanceOutOfRange","inputs":[{"name":"lane","type":"uint256"},{"name":"balance","type":"uint256"}]},
  {"type":"error","name":"EpochNotNewest","inputs":[{"name":"epoch","type":"uint64"},{"name":"newest","type":"uint64"}]},
  {"type":"error","name":"EpochTooOld","inputs":[{"name":"epoch","type":"uint64"},{"name":"age","type":"uint256"},{"name":"maxAge","type":"uint256"}]},
  {"type":"error","name":"LaneUnknown","inputs":[{"name":"lane","type":"uint256"}]},
  {"type":"error","name":"LevelUnknown","inputs":[{"name":"level","type":"uint256"}]},
  {"type":"error","name":"ScenarioUnknown","inputs":[{"name":"scenario","type":"uint256"}]},
  {"type":"error","name":"WordCountWrong","inputs":[{"name":"array","type":"uint256"},{"name":"count","type":"uint256"}]},
  {"type":"error","name":"WordsDiffer","inputs":[{"name":"array","type":"uint256"}]},
  {"type":"function","name":"GRACE","inputs":[],"outputs":[{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"afterSlice","inputs":[{"name":"account","type":"bytes32"},{"name":"bidder","type":"bytes32"},{"name":"epoch","type":"uint64"},{"name":"arrayWords","type":"uint256[][4]"}],"outputs":[{"name":"equity","type":"int256"},{"name":"worth","type":"int256"},{"name":"requirement","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"debtOf","inputs":[{"name":"account","type":"bytes32"},{"name":"lane","type":"uint256"},{"name":"epoch","type":"uint64"},{"name":"arrayWords","type":"uint256[][4]"}],"outputs":[{"name":"debt","type":"uint256"},{"name":"price","type":"uint256"},{"name":"haircut","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"fullMargin","inputs":[{"name":"account","type":"bytes32"},{"name":"level","type":"uint256"},{"name":"epoch","type":"uint64"},{"name":"arrayWords","type":"uint256[][4]"}],"outputs":[{"name":"","type":"int256"},{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"house","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"marginIn","inputs":[{"name":"account","type":"bytes32"},{"name":"level","type":"uint256"},{"name":"scenario","type":"uint256"},{"name":"epoch","type":"uint64"},{"name":"arrayWords","type":"uint256[][4]"}],"outputs":[{"name":"","type":"int256"},{"name":"","type":"uint256"}],"stateMutability":"view"},
  {"type":"function","name":"requireNewest","inputs":[{"name":"epoch","type":"uint64"}],"outputs":[],"stateMutability":"view"},
] as const;
