import { type MarginTerms, PPM, PPT } from "@equipoise/sdk";
import { DAY, HOUR } from "./protocolParameters.ts";

/** How a token counts as collateral, {ppm} but for the slope. */
export type CollateralParameters = {
  readonly base: number;
  /** of the proven volatility per observation; counts the horizon too */
  readonly volatilityMultiple: number;
  readonly uncertainty: number;
  /** {ppm per million dollars} */
  readonly slope: number;
};

/** How much margin a vault's desk keeps, and how it trades. */
export type DeskParameters = {
  /** {ppm} of the vault's value that is margin */
  readonly share: number;
  /** {ppm} of the initial requirement that it keeps at least */
  readonly health: number;
  /** {s} from the opening of an auction to its first fill */
  readonly warmUp: number;
  /** {s} from the first fill to the last */
  readonly auctionLength: number;
  /** {ppm} what sources' prices may be off by, and funding while an epoch may be leant on */
  readonly leastCost: number;
};

/** A desk, and the mandate whose vault on the hub it is of. */
export type PlannedDesk = DeskParameters & { readonly mandate: string };

/** A quarter as margin, traded within half an hour; feeds that follow every 0.5 %, and two hours of the default largest funding. */
export const DEFAULT_DESK: DeskParameters = {
  share: 250_000,
  health: 1_500_000,
  warmUp: 120,
  auctionLength: 1_800,
  leastCost: 6_000,
};

/** What local clearing is made of. Times in {s}, all else {ppm} unless said otherwise. */
export type ClearingParameters = {
  /** signatures that a report of volatilities needs, of the local signers */
  readonly quorum: number;
  /** an older report is neither accepted nor read */
  readonly maxReportAge: number;
  readonly minReportInterval: number;
  readonly maxSpotDeviation: number;
  readonly volatilityMove: number;
  readonly basisMove: number;
  readonly maxBasis: number;
  /** of the proven volatility, below which none is read */
  readonly floorShare: number;
  /** observations in it make a settlement price */
  readonly settlementWindow: number;
  readonly settlementCount: number;
  readonly upShock: number;
  readonly downShock: number;
  readonly minimumUpVolatility: number;
  /** k: the price range in proven daily volatilities */
  readonly rangeMultiple: number;
  readonly minimumStep: number;
  readonly maximumStep: number;
  readonly maxDeviation: number;
  readonly epochInterval: number;
  /** no epoch leans on an older risk state */
  readonly maxRiskAge: number;
  /** {ppm of spot per hour} */
  readonly maxFunding: number;
  /** {ppt of a dollar} smaller trades do not move funding */
  readonly minimumFundingTrade: bigint;
  /** between scheduling terms and applying them */
  readonly termsDelay: number;
  /** of every asset */
  readonly collateral: CollateralParameters;
  readonly marginTerms: MarginTerms;
  /**
   * {ppm of a contract} of one series, of every array until the governor knows better: what all accounts hold of it, either
   * side counted, and what one account holds
   */
  readonly positionLimits: { readonly openInterest: bigint; readonly account: bigint };
  readonly tradeFee: number;
  /** no proof leans on an older epoch */
  readonly maxArrayAge: number;
  /** {ppm of a token per day} that a path lets through, of every token; the hub takes what it likes from its own chain (H-3.3) */
  readonly dailyLimit: bigint;
  /** {gas} that a deposit carries to the hub, a payment to a gate, and a denial to either */
  readonly depositGas: bigint;
  readonly paymentGas: bigint;
  readonly denialGas: bigint;
};

/** Terms that suit hourly observations of assets that move like bitcoin. */
export const DEFAULT_CLEARING: ClearingParameters = {
  quorum: 2,
  maxReportAge: 6 * HOUR,
  minReportInterval: 600,
  maxSpotDeviation: 50_000,
  volatilityMove: 500_000,
  basisMove: 50_000,
  maxBasis: 200_000,
  floorShare: 400_000,
  settlementWindow: 6 * HOUR,
  settlementCount: 4,
  upShock: 500_000,
  downShock: 250_000,
  minimumUpVolatility: 450_000,
  rangeMultiple: 3_000_000,
  minimumStep: 30_000,
  maximumStep: 200_000,
  maxDeviation: 200_000,
  epochInterval: 600,
  maxRiskAge: 2 * DAY,
  maxFunding: 500,
  minimumFundingTrade: 100n * PPT,
  termsDelay: 3 * DAY,
  collateral: { base: 50_000, volatilityMultiple: 15_000_000, uncertainty: 10_000, slope: 2_000 },
  marginTerms: {
    maintenanceLossFactor: PPM,
    initialLossFactor: 1_250_000n,
    maintenancePerpetual: 10_000n,
    initialPerpetual: 20_000n,
    maintenanceNakedShort: 10_000n,
    initialNakedShort: 20_000n,
    shortOptionMinimum: 5_000n,
    basis: 100_000n,
  },
  positionLimits: { openInterest: 20_000n * PPM, account: 2_000n * PPM },
  tradeFee: 300,
  maxArrayAge: 2 * HOUR,
  dailyLimit: 10_000_000n * PPM,
  depositGas: 700_000n,
  paymentGas: 500_000n,
  denialGas: 200_000n,
};
