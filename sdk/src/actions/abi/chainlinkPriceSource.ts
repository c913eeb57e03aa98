// Generated from the compiled contracts by `npm run generate`. Do not edit.
/** Interface of `ChainlinkPriceSource`, as it is compiled. */
export const chainlinkPriceSourceAbi = [
  {"type":"constructor","inputs":[{"name":"config","type":"tuple","components":[{"name":"feed","type":"address"},{"name":"maxAge","type":"uint64"},{"name":"minAnswer","type":"int256"},{"name":"maxAnswer","type":"int256"},{"name":"sequencerFeed","type":"address"},{"name":"sequencerGrace","type":"uint64"}]}],"stateMutability":"nonpayable"},
  {"type":"error","name":"BoundsInvalid","inputs":[{"name":"minAnswer","type":"int256"},{"name":"maxAnswer","type":"int256"}]},
  {"type":"error","name":"FeedDecimalsTooMany","inputs":[{"name":"decimals","type":"uint8"}]},
  {"type":"error","name":"MaxAgeZero","inputs":[]},
  {"type":"error","name":"PriceNotPositive","inputs":[{"name":"answer","type":"int256"}]},
  {"type":"error","name":"PriceOutOfBounds","inputs":[{"name":"answer","type":"int256"},{"name":"minimum","type":"int256"},{"name":"maximum","type":"int256"}]},
  {"type":"error","name":"PriceTimeInvalid","inputs":[{"name":"updatedAt","type":"uint256"}]},
  {"type":"error","name":"PriceTooOld","inputs":[{"name":"age","type":"uint256"},{"name":"maxAge","type":"uint256"}]},
  {"type":"error","name":"RoundNotComplete","inputs":[{"name":"roundId","type":"uint256"},{"name":"answeredInRound","type":"uint256"}]},
  {"type":"error","name":"SequencerDown","inputs":[]},
  {"type":"error","name":"SequencerGraceNotOver","inputs":[{"name":"upFor","type":"uint256"},{"name":"grace","type":"uint256"}]},
  {"type":"function","name":"feed","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"maxAge","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"maxAnswer","inputs":[],"outputs":[{"name":"","type":"int256"}],"stateMutability":"view"},
  {"type":"function","name":"minAnswer","inputs":[],"outputs":[{"name":"","type":"int256"}],"stateMutability":"view"},
  {"type":"function","name":"read","inputs":[],"outputs":[{"name":"price","type":"uint256"},{"name":"updatedAt","type":"uint64"}],"stateMutability":"view"},
  {"type":"function","name":"sequencerFeed","inputs":[],"outputs":[{"name":"","type":"address"}],"stateMutability":"view"},
  {"type":"function","name":"sequencerGrace","inputs":[],"outputs":[{"name":"","type":"uint64"}],"stateMutability":"view"},
] as const;
