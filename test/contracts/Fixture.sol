// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Test, Vm} from "forge-std/Test.sol";
import {ChainlinkPriceSource} from "../../contracts/facts/ChainlinkPriceSource.sol";
import {ObservationLog} from "../../contracts/facts/ObservationLog.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {AggregatorV3Interface} from "../../contracts/interfaces/AggregatorV3Interface.sol";
import {Proof} from "../../contracts/interfaces/IGroth16Verifier.sol";
import {IObservationLog} from "../../contracts/interfaces/IObservationLog.sol";
import {MandateWords, VaultConfig} from "../../contracts/interfaces/IParityVault.sol";
import {IPriceSource} from "../../contracts/interfaces/IPriceSource.sol";
import {Lanes} from "../../contracts/libraries/Lanes.sol";
import {LocalPriceFeed} from "../../contracts/local/LocalPriceFeed.sol";
import {LocalPricePublisher} from "../../contracts/local/LocalPricePublisher.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {RiskOracle} from "../../contracts/risk/RiskOracle.sol";
import {ParityVault} from "../../contracts/vault/ParityVault.sol";
import {AcceptAnyVerifier} from "./AcceptAnyVerifier.sol";

/// @notice A hub with the real log, sources, oracle and vault; only the verifier is AcceptAnyVerifier.
abstract contract Fixture is Test {
    using Lanes for uint256;

    uint64 internal constant INTERVAL = 1 hours;
    uint64 internal constant MAX_GAP = 12 hours;
    uint64 internal constant MAX_AGE = 2 hours;
    uint64 internal constant MAX_RISK_AGE = 2 days;
    uint64 internal constant WARM_UP = 5 minutes;
    uint64 internal constant AUCTION_LENGTH = 4 hours;
    uint64 internal constant MANDATE_DELAY = 2 days;

    address internal governor = makeAddr("governor");
    address internal guardian = makeAddr("guardian");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    AcceptAnyVerifier internal verifier;
    LocalPricePublisher internal publisher;
    IPriceSource[12] internal sources;
    ObservationLog internal observationLog;
    RiskOracle internal oracle;
    LocalToken internal cash;
    LocalToken[] internal tokens;
    ParityVault internal vault;

    int120[] internal prices;
    /// observed words, oldest first
    uint256[] internal words;
    /// of the latest accepted risk state
    uint64 internal riskIndex;

    // --- facts

    function _deployFacts(uint256 assetCount) internal {
        vm.warp(1_700_000_000);
        string[] memory descriptions = new string[](assetCount);
        publisher = new LocalPricePublisher(address(this), descriptions);
        LocalPriceFeed[] memory feeds = publisher.feeds();
        for (uint256 i; i < assetCount; ++i) {
            sources[i] = new ChainlinkPriceSource(
                ChainlinkPriceSource.Config(feeds[i], MAX_AGE, 0, 1e30, AggregatorV3Interface(address(0)), 0)
            );
            prices.push(int120(int256((i + 1) * 1000e8)));
        }
        observationLog = new ObservationLog(sources, INTERVAL, MAX_GAP);
        verifier = new AcceptAnyVerifier();
        oracle = new RiskOracle(observationLog, verifier);
        publisher.publish(prices);
        observationLog.observe();
    }

    /// One hour on, with the prices as they are; keeps the observed word.
    function _tick() internal {
        vm.warp(vm.getBlockTimestamp() + INTERVAL);
        publisher.publish(prices);
        _observe();
    }

    function _observe() internal {
        vm.recordLogs();
        observationLog.observe();
        Vm.Log[] memory entries = vm.getRecordedLogs();
        for (uint256 i; i < entries.length; ++i) {
            if (entries[i].topics[0] == IObservationLog.Observed.selector) {
                (, uint256 word,,) = abi.decode(entries[i].data, (bytes32, uint256, uint64, uint256));
                words.push(word);
            }
        }
    }

    /// Every price moves by up to about ±2 %, from the hash of its place and time.
    function _movePrices() internal {
        for (uint256 i; i < prices.length; ++i) {
            int256 move = int256(uint256(keccak256(abi.encode(i, words.length))) % 40_001) - 20_000;
            prices[i] = int120(int256(prices[i]) * (1_000_000 + move) / 1_000_000);
        }
    }

    function _observeWindow() internal {
        for (uint256 i; i < Protocol.WINDOW_LENGTH; ++i) {
            _movePrices();
            _tick();
        }
    }

    // --- risk

    /// The latest window's statement with the given volatilities and made-up commitments.
    function _covarianceWords(uint256 volatilities) internal view returns (uint256[] memory statement) {
        statement = new uint256[](Protocol.COVARIANCE_LENGTH);
        uint256 start = words.length - Protocol.WINDOW_LENGTH;
        for (uint256 i; i < Protocol.WINDOW_LENGTH; ++i) {
            statement[i] = words[start + i];
        }
        statement[Protocol.COVARIANCE_VOLATILITIES_OFFSET] = volatilities;
        for (uint256 i = Protocol.COVARIANCE_CORRELATIONS_OFFSET; i < statement.length; ++i) {
            bool lanes = i < Protocol.COVARIANCE_LANE_WORDS;
            statement[i] = uint256(keccak256(abi.encode(words.length, i)))
                % (lanes ? Protocol.WORD_LIMIT : Protocol.FIELD_MODULUS);
        }
    }

    function _acceptRiskState(uint256 volatilities) internal returns (uint64 index) {
        index = riskIndex = observationLog.index();
        oracle.accept(index, _covarianceWords(volatilities), 1, _anyProof());
    }

    function _anyProof() internal pure returns (Proof memory proof) {}

    // --- vault

    /// Lane tokens of 8, 18, 6, 8, 18, … decimals, cash of 6.
    function _deployTokens() internal {
        cash = new LocalToken("cash", "CASH", 6);
        uint8[3] memory decimals = [8, 18, 6];
        for (uint256 i; i < prices.length; ++i) {
            tokens.push(new LocalToken("lane", "LANE", decimals[i % 3]));
        }
    }

    function _config() internal view returns (VaultConfig memory config) {
        config.name = "Parity";
        config.symbol = "PAR";
        (config.governor, config.guardian) = (governor, guardian);
        (config.riskState, config.verifier) = (oracle, verifier);
        config.cash = address(cash);
        for (uint256 i; i < tokens.length; ++i) {
            config.tokens[i] = address(tokens[i]);
            config.sources[i] = sources[i];
        }
        config.observationInterval = INTERVAL;
        config.maxRiskAge = MAX_RISK_AGE;
        config.warmUp = WARM_UP;
        config.auctionLength = AUCTION_LENGTH;
        config.mandateDelay = MANDATE_DELAY;
    }

    function _terms(uint256 version) internal pure returns (uint256 terms) {
        terms = terms.put(Protocol.TERM_VERSION, version).put(Protocol.TERM_DECAY_INDEX, 1);
        terms = terms.put(Protocol.TERM_MAX_EXPOSURE, 900_000).put(Protocol.TERM_TARGET_VOLATILITY, 5_000);
        terms = terms.put(Protocol.TERM_TOLERANCE, 10)
            .put(
                Protocol.TERM_DRIFT_BAND,
                10_000 /* 1 % */
            );
        terms = terms.put(
            Protocol.TERM_PRICE_RANGE_MULTIPLE,
            1_500_000 /* 1.5 */
        );
        terms = terms.put(
                Protocol.TERM_MAX_PRICE_RANGE,
                50_000 /* 5 % */
            ).put(Protocol.TERM_MAX_TRADE, 500_000);
    }

    /// Equal budgets of all lanes, no caps.
    function _mandate(uint256 version) internal view returns (MandateWords memory mandate) {
        mandate.terms = _terms(version);
        uint256 count = tokens.length;
        for (uint256 i; i < count; ++i) {
            mandate.budgets =
                mandate.budgets.put(i, Protocol.PPM / count + (i == 0 ? Protocol.PPM % count : 0));
            mandate.caps = mandate.caps.put(i, Protocol.PPM);
        }
    }

    function _deployVault() internal {
        vault = new ParityVault(_config(), _mandate(1));
    }

    /// Everything in cash, 10¹⁸ shares a unit of it.
    function _seedCash(uint256 wholeCash) internal {
        uint256[14] memory amounts;
        amounts[12] = wholeCash * 1e6;
        _fund(governor, amounts);
        vm.prank(governor);
        vault.seed(amounts, wholeCash * 1e18, alice);
    }

    function _fund(address who, uint256[14] memory amounts) internal {
        for (uint256 asset; asset < 13; ++asset) {
            if (amounts[asset] == 0) continue;
            LocalToken token = asset == 12 ? cash : tokens[asset];
            token.mint(who, amounts[asset]);
            vm.prank(who);
            token.approve(address(vault), type(uint256).max);
        }
    }

    /// Lets an address trade whatever it wants with the vault.
    function _enrich(address who) internal {
        uint256[14] memory amounts;
        amounts[12] = 1e15 * 1e6;
        for (uint256 i; i < tokens.length; ++i) {
            amounts[i] = 1e9 * 10 ** tokens[i].decimals();
        }
        _fund(who, amounts);
    }

    function _portfolio(uint256 exposure) internal pure returns (uint256 portfolio) {
        return portfolio.put(Protocol.PORTFOLIO_VOLATILITY, 4_000).put(Protocol.PORTFOLIO_EXPOSURE, exposure);
    }

    function _allocate(uint256 weights, uint256 exposure) internal {
        vault.allocate(riskIndex, weights, _portfolio(exposure), 1, _anyProof());
    }

    /// Weights of three lanes {ppm}.
    function _weights(uint256 first, uint256 second, uint256 third) internal pure returns (uint256 word) {
        return word.put(0, first).put(1, second).put(2, third);
    }

    /// The same volatility {ppm} in all lanes in use.
    function _volatilities(uint256 each) internal view returns (uint256 word) {
        for (uint256 i; i < prices.length; ++i) {
            word = word.put(i, each);
        }
    }

    /// A hub of three assets with an accepted risk state, and a vault of 1,000,000 in cash, which alice owns.
    function _deployThree() internal {
        _deployFacts(3);
        _observeWindow();
        _acceptRiskState(_volatilities(10_000));
        _deployTokens();
        _deployVault();
        _seedCash(1_000_000);
        _enrich(bob);
    }

    /// Opens a rebalance and goes to its first second of bidding.
    function _openAndWarmUp() internal returns (uint64 id) {
        id = vault.openRebalance();
        vm.warp(vm.getBlockTimestamp() + WARM_UP);
    }
}
