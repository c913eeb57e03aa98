// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Liquidation} from "../../contracts/clearing/Liquidation.sol";
import {LossBook} from "../../contracts/clearing/LossBook.sol";
import {MarginEngine} from "../../contracts/clearing/MarginEngine.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {IClearingHouse} from "../../contracts/interfaces/IClearingHouse.sol";
import {ICollateralHub} from "../../contracts/interfaces/ICollateralHub.sol";
import {Bid} from "../../contracts/interfaces/ILiquidation.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {ArrayWords, SeriesTerms} from "../../contracts/libraries/ArrayWords.sol";
import {Black76, Quote, StressState} from "../../contracts/libraries/Black76.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {LoadedTables, PiecewisePolynomials} from "../../contracts/libraries/PiecewisePolynomials.sol";
import {Numbers} from "../../contracts/libraries/Numbers.sol";
import {CountingHub, HouseFixture} from "./HouseFixture.sol";

/// @notice Makes one liquidation, where everybody expects it.
contract LiquidationDeployer {
    function deploy(IClearingHouse house, LossBook lossBook, MarginEngine engine)
        external
        returns (Liquidation)
    {
        return new Liquidation(house, lossBook, engine);
    }
}

/// @notice A house with the real liquidation, and arrays whose words are those that a proof would have.
abstract contract LiquidationFixture is HouseFixture {
    using AccountWords for uint256[10];
    using Lanes for uint256;
    using Numbers for uint256;

    uint256 internal constant DOLLAR = 1e6;
    uint256 internal constant CONTRACT = 1e6;
    /// {s} {ppm}
    uint256 internal constant SOLVENT_TIME = 60 minutes;

    Liquidation internal auctions;
    MarginEngine internal engine;
    /// the newest epoch, and its words: proven, and facts
    uint64 internal epoch;
    uint256[][4] internal provenWords;
    uint256[][4] internal factWords;
    /// a bidder with an account that was never used
    address internal carol;
    bytes32 internal third;

    function _deployLiquidation() internal {
        hub = new CountingHub();
        _deployLiquidationOver(hub);
        hub.setHouse(house);
    }

    function _deployLiquidationOver(ICollateralHub over) internal {
        LiquidationDeployer deployer = new LiquidationDeployer();
        liquidation = vm.computeCreateAddress(address(deployer), 1);
        _deployHouseOver(over);
        engine = new MarginEngine(house);
        auctions = deployer.deploy(house, lossBook, engine);
        carol = makeAddr("carol");
        third = _account(carol, 1);
        _newEpoch(true);
    }

    // --- epochs

    /// Another epoch over the published prices, with its snapshot of collateral; current where it is proven.
    function _newEpoch(bool proven) internal {
        vm.warp(vm.getBlockTimestamp() + EPOCH_INTERVAL);
        publisher.publish(prices);
        epoch = riskArrays.beginEpoch();
        uint256 arrays = riskArrays.epochAt(epoch).arrays;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            delete provenWords[array];
            delete factWords[array];
            if ((arrays >> array) & 1 == 0) continue;
            uint256[19] memory facts = riskArrays.factsNow(array);
            for (uint256 i; i < facts.length; ++i) {
                factWords[array].push(facts[i]);
            }
            provenWords[array] = _priced(facts);
            if (proven) riskArrays.accept(epoch, array, provenWords[array], 1, _anyProof());
        }
        terms.snapshot(epoch);
    }

    /// What a proof over the facts has to say; gammas and vegas, which margin does not use, are 0.
    function _priced(uint256[19] memory facts) internal pure virtual returns (uint256[] memory statement) {
        statement = new uint256[](Protocol.RISK_ARRAY_LENGTH);
        for (uint256 i; i < facts.length; ++i) {
            statement[i] = facts[i];
        }
        LoadedTables memory tables = PiecewisePolynomials.load();
        StressState[31] memory states;
        for (uint256 state; state < 31; ++state) {
            states[state] = Black76.stateOf(tables, facts[1], state);
        }
        uint256 spot = facts[2].read(Clearing.MARKET_SPOT, Clearing.QUAD_LANES);
        for (uint256 place; place < 16; ++place) {
            // places without a series have the same terms
            bool again = place != 0 && facts[3 + place] == facts[2 + place];
            for (uint256 i = 19 + 6 * place; again && i < 25 + 6 * place; ++i) {
                statement[i] = statement[i - 6];
            }
            if (again) continue;
            Quote memory quote = Black76.quote(tables, ArrayWords.unpackTerms(facts[3 + place]), spot);
            for (uint256 i; i < 36; ++i) {
                int256 value;
                if (i < 31) value = Black76.profit(tables, quote, states[i]);
                if (i == 31 + Clearing.FIGURE_MARK) value = quote.mark;
                if (i == 31 + Clearing.FIGURE_DELTA) value = quote.delta;
                if (i == 31 + Clearing.FIGURE_ERROR_BOUND) value = int256(quote.errorBound);
                uint256 at = 19 + 6 * place + i / 6;
                statement[at] =
                    statement[at].placeSigned(Clearing.PAIR_LANES * (i % 6), Clearing.PAIR_LANES, value);
            }
        }
    }

    /// {ppm} the price of an asset becomes this part of what it was
    function _move(uint256 lane, uint256 part) internal {
        prices[lane] = int120(prices[lane] * int256(part) / 1e6);
    }

    // --- accounts

    /// Cash from the owner, far from any other reason.
    function _fund(bytes32 account, uint256 dollars) internal {
        _deposit(account, CASH_LANE, dollars * DOLLAR);
    }

    /// {ppm of a dollar}
    function _equity(bytes32 account) internal view returns (int256 equity) {
        (equity,) = auctions.assess(account, 0, epoch, provenWords);
    }

    /// The scenario in which an account is worst off.
    function _worst(bytes32 account) internal view returns (uint256 worst, int256 excess) {
        excess = type(int256).max;
        for (uint256 scenario; scenario < 185; ++scenario) {
            (int256 equity, uint256 requirement) = auctions.assess(account, scenario, epoch, provenWords);
            if (equity - int256(requirement) >= excess) continue;
            (worst, excess) = (scenario, equity - int256(requirement));
        }
    }

    function _start(bytes32 account) internal returns (uint256 auction) {
        (uint256 scenario,) = _worst(account);
        return auctions.start(account, scenario, epoch, provenWords);
    }

    function _offer(uint256 auction, uint256 phase, uint256 share, int256 limit)
        internal
        view
        returns (Bid memory)
    {
        (uint256 scenario,) = _worst(auctions.auctionAt(auction).account);
        return Bid(auction, phase, third, scenario, epoch, share, limit);
    }

    function _bid(uint256 auction, uint256 phase, uint256 share, int256 limit)
        internal
        returns (uint256 sold, int256 paid)
    {
        Bid memory offer = _offer(auction, phase, share, limit);
        vm.prank(carol);
        return auctions.bid(offer, provenWords);
    }

    /// {ppm of a dollar} Σ cash of all accounts there are, when each has borne its losses, and of what settlement still owes
    function _allCash() internal returns (int256 total) {
        bytes32[3] memory all = [first, second, third];
        for (uint256 i; i < 3; ++i) {
            house.settle(all[i]);
        }
        total = _cash(first) + _cash(second) + _cash(third) + house.accountWords(backstop).cash();
        for (uint256 series; series < 64; ++series) {
            total += house.unsettled(series);
        }
    }

    function _held() internal view returns (int256) {
        return int256(hub.credited(CASH_LANE)) - int256(hub.released(CASH_LANE));
    }
}
