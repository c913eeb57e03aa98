// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Vm} from "forge-std/Test.sol";
import {VolatilityLog} from "../../contracts/facts/VolatilityLog.sol";
import {
    VolatilityLogConfig,
    VolatilityReport,
    VolatilitySlice
} from "../../contracts/interfaces/IVolatilityLog.sol";
import {Fixture} from "./Fixture.sol";

/// @notice A hub with a volatility log of five signers, three of whom are enough.
abstract contract VolatilityFixture is Fixture {
    uint256 internal constant SIGNERS = 5;
    uint256 internal constant QUORUM = 3;
    uint64 internal constant VOLATILITY_AGE = 6 hours;
    uint64 internal constant MIN_INTERVAL = 10 minutes;
    uint256 internal constant VOLATILITY_MOVE = 250_000; // 25 %
    uint256 internal constant BASIS_MOVE = 20_000; // 2 %
    uint256 internal constant MAX_BASIS = 200_000; // 20 %
    uint256 internal constant FLOOR_SHARE = 400_000; // 40 %

    VolatilityLog internal volatilityLog;
    /// of the signers, by ascending address
    uint256[] internal keys;

    function _deployVolatilityLog() internal {
        VolatilityLogConfig memory config = _volatilityConfig();
        config.signers = new address[](SIGNERS);
        for (uint256 i; i < SIGNERS; ++i) {
            keys.push(uint256(keccak256(abi.encode("signer", i))));
            for (uint256 k = i; k > 0 && vm.addr(keys[k]) < vm.addr(keys[k - 1]); --k) {
                (keys[k], keys[k - 1]) = (keys[k - 1], keys[k]);
            }
        }
        for (uint256 i; i < SIGNERS; ++i) {
            config.signers[i] = vm.addr(keys[i]);
        }
        volatilityLog = new VolatilityLog(config);
    }

    function _volatilityConfig() internal view returns (VolatilityLogConfig memory config) {
        config.observationLog = observationLog;
        config.riskState = oracle;
        config.quorum = QUORUM;
        config.maxAge = VOLATILITY_AGE;
        config.minInterval = MIN_INTERVAL;
        config.maxSpotDeviation = 50_000; // 5 %
        config.volatilityMove = VOLATILITY_MOVE;
        config.basisMove = BASIS_MOVE;
        config.maxBasis = MAX_BASIS;
        config.floorShare = FLOOR_SHARE;
    }

    /// A report of lane 0, observed now.
    function _reportOf(uint256 slices) internal view returns (VolatilityReport memory report) {
        report.observedAt = uint64(vm.getBlockTimestamp());
        report.spot = uint256(int256(prices[0])) * 1e4; // {ppt} of a feed's 8 decimals
        report.slices = new VolatilitySlice[](slices);
    }

    /// Strikes from 1 / spread to spread times the spot in equal steps, and a smile around the forward.
    function _fillSlice(
        VolatilityReport memory report,
        uint256 place,
        uint64 tenor,
        int256 basis,
        uint256 strikes,
        uint256 atTheMoney
    ) internal pure {
        VolatilitySlice memory slice = report.slices[place];
        slice.expiry = report.observedAt + tenor;
        slice.basis = basis;
        slice.strikes = new uint256[](strikes);
        slice.volatilities = new uint256[](strikes);
        for (uint256 k; k < strikes; ++k) {
            // {ppm of spot} 70 % to 130 %
            uint256 moneyness = strikes == 1 ? 1e6 : 700_000 + 600_000 * k / (strikes - 1);
            uint256 distance = moneyness > 1e6 ? moneyness - 1e6 : 1e6 - moneyness;
            slice.strikes[k] = report.spot * moneyness / 1e6;
            // a tenth more in volatility where the strike is 30 % away
            slice.volatilities[k] = atTheMoney + atTheMoney * distance / 3e6;
        }
    }

    /// Three expiries and five strikes each around 60 %.
    function _plainReport() internal view returns (VolatilityReport memory report) {
        report = _reportOf(3);
        _fillSlice(report, 0, 7 days, 1_000, 5, 0.62e12);
        _fillSlice(report, 1, 30 days, 4_000, 5, 0.6e12);
        _fillSlice(report, 2, 180 days, 25_000, 5, 0.58e12);
    }

    function _sign(VolatilityReport memory report, uint256 count)
        internal
        view
        returns (bytes[] memory signatures)
    {
        signatures = new bytes[](count);
        bytes32 digest = volatilityLog.hashReport(report);
        for (uint256 i; i < count; ++i) {
            signatures[i] = _signature(keys[i], digest);
        }
    }

    function _signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _report(VolatilityReport memory report) internal {
        volatilityLog.report(report, _sign(report, QUORUM));
    }
}
