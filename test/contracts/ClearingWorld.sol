// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ClearingHouse} from "../../contracts/clearing/ClearingHouse.sol";
import {CollateralHub} from "../../contracts/clearing/CollateralHub.sol";
import {Clearing} from "../../contracts/generated/Clearing.sol";
import {Protocol} from "../../contracts/generated/Protocol.sol";
import {HouseConfig, MarginProof} from "../../contracts/interfaces/IClearingHouse.sol";
import {Transfer} from "../../contracts/interfaces/ICollateralPath.sol";
import {PositionLimits} from "../../contracts/interfaces/IMarginTerms.sol";
import {Epoch} from "../../contracts/interfaces/IRiskArrays.sol";
import {AccountWords} from "../../contracts/libraries/AccountWords.sol";
import {MarginFacts} from "../../contracts/libraries/ScenarioMargin.sol";
import {LocalToken} from "../../contracts/local/LocalToken.sol";
import {LiquidationFixture} from "./LiquidationFixture.sol";
import {Figures, ModelVerifier} from "./ModelVerifier.sol";
import {FailingToken} from "./OddTokens.sol";
import {TransferHandler} from "./TransferHandler.sol";

/// @notice Everything that clearing is made of, over three chains, and what its accounts should be after each step. Only the
/// verifiers are not real: of arrays, which are always the model's, any is accepted; of margins what the model confirms.
abstract contract ClearingWorld is LiquidationFixture, TransferHandler {
    using AccountWords for uint256[10];

    /// two of alice's, then one each, the last two a rich bidder's and the backstop's
    uint256 internal constant ACCOUNTS = 7;
    uint256 internal constant KEEPER = 5;
    uint256 internal constant BACKSTOP = 6;
    uint256 private constant ONE = 1 << 127;
    uint256 private constant RAMP = 15 minutes;

    /// @param held {ppm of a dollar} stored
    /// @param factor {2⁻¹²⁷} of losses that the account has borne
    struct Ledger {
        uint32 version;
        int256 held;
        uint256 factor;
    }

    /// @param amount {ppm of a dollar} as if the ramp began now
    /// @param ends {s} of the ramp
    struct Relief {
        uint256 amount;
        uint256 ends;
    }

    bytes32[ACCOUNTS] internal accounts;
    mapping(address owner => uint256) internal keyOf;
    CollateralHub internal collateralHub;
    ModelVerifier internal model;
    /// of every epoch, priced
    mapping(uint64 number => mapping(uint256 array => uint256[])) private wordsOf;

    uint256[10][ACCOUNTS] private seen;
    mapping(uint256 account => mapping(uint256 lane => uint256)) internal waiting;
    /// {2⁻¹²⁷} of all losses (L-9)
    uint256 internal factor = ONE;
    Ledger[ACCOUNTS] private ledgers;
    Relief[ACCOUNTS] private reliefs;
    /// {s} of the last loss
    uint256 internal lostAt;

    function _deployWorld() internal {
        model = new ModelVerifier();
        collateralHub = _deployNodes();
        _deployLiquidationOver(collateralHub);
        collateralHub.setHouse(house);
        string[5] memory names = ["alice", "bob", "carol", "dave", "keeper"];
        uint96[5] memory numbers = [uint96(7), 0, 1, 2, 0];
        for (uint256 i; i < 5; ++i) {
            (address owner, uint256 key) = makeAddrAndKey(names[i]);
            keyOf[owner] = key;
            accounts[i == 0 ? 0 : i + 1] = _account(owner, numbers[i]);
        }
        accounts[1] = _account(alice, 8);
        accounts[BACKSTOP] = backstop;
        _listPerpetual(1);
        // kin of the first array
        _listArray(2, 0);
        _listOption(2, 1, Clearing.KIND_PUT, soon + 3 days, _spot(0) * 95 / 100);

        for (uint256 chain; chain < CHAINS; ++chain) {
            _openGate(chain);
        }
        _openBounds();
        vm.deal(address(this), 1e40);
        for (uint256 i; i < ACCOUNTS; ++i) {
            ledgers[i].factor = ONE;
        }
    }

    /// Lane 0 has other decimals on every chain, lane 1 a token that can fail, lane 2 is another dollar.
    function _openGate(uint256 chain) private {
        address[13] memory tokens;
        uint8[3] memory decimals = [8, 18, 6];
        tokens[0] = address(new LocalToken("lane", "LANE", decimals[chain]));
        tokens[FAILING] = address(new FailingToken());
        tokens[2] = address(new LocalToken("other dollar", "DOL", 18));
        tokens[CASH] = address(new LocalToken("dollar", "USD", 6));
        uint64[13] memory limits;
        for (uint256 lane; lane < 13; ++lane) {
            limits[lane] = uint64(_openedWith(chain, lane));
        }
        gates[chain] = _makeGate(collateralHub, chain, tokens, limits);
    }

    function _houseConfig() internal view override returns (HouseConfig memory config) {
        config = super._houseConfig();
        (config.verifier, config.solvencyVerifier) = (model, model);
    }

    /// Of array 1 such that trades meet them now and then.
    function _limits() internal pure override returns (PositionLimits[4] memory limits) {
        limits = super._limits();
        limits[1] = PositionLimits(60e6, 40e6);
    }

    // --- what transfers ask

    function _house() internal view override returns (ClearingHouse) {
        return house;
    }

    function _hub() internal view override returns (CollateralHub) {
        return collateralHub;
    }

    function _lanesInUse() internal pure override returns (uint256[] memory lanes) {
        lanes = new uint256[](4);
        (lanes[1], lanes[2], lanes[3]) = (FAILING, 2, CASH);
    }

    /// Little more than what people bring at once, so that transfers wait; the hub's own chain lets a rich bidder in.
    function _openedWith(uint256 chain, uint256 lane) internal pure override returns (uint256) {
        if (lane < 2) return 30e6;
        return chain == 0 ? 1e15 : 1.5e11;
    }

    function _owned(uint256 lane) internal view override returns (int256 total) {
        for (uint256 i; i < ACCOUNTS; ++i) {
            total += lane == CASH ? _stored(i) : int256(house.accountWords(accounts[i]).balance(lane));
            total += int256(house.waiting(accounts[i], lane));
        }
        for (uint256 series; lane == CASH && series < 64; ++series) {
            total += house.unsettled(series);
        }
    }

    // --- frames: what accounts should be after a step

    function _index(bytes32 account) internal view returns (uint256 i) {
        while (accounts[i] != account) ++i;
    }

    function _ownerOf(uint256 i) internal view returns (address) {
        return address(bytes20(accounts[i]));
    }

    /// Accounts as they are. Shares that nobody has borne yet are the backstop's.
    function _frame() internal view returns (uint256[10][] memory frame) {
        frame = new uint256[10][](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            frame[i] = house.accountWords(accounts[i]);
        }
        frame[BACKSTOP].addCash(lossBook.pending());
    }

    function _requireFrame(uint256[10][] memory expected) internal {
        uint256[10][] memory found = _frame();
        for (uint256 i; i < ACCOUNTS; ++i) {
            assertEq(found[i].cash(), expected[i].cash(), string.concat("cash of account ", vm.toString(i)));
            assertEq(
                keccak256(abi.encode(found[i])),
                keccak256(abi.encode(expected[i])),
                string.concat("words of account ", vm.toString(i))
            );
        }
        _remember();
    }

    function _look() internal override {
        uint256[10][] memory frame = _frame();
        for (uint256 i; i < ACCOUNTS; ++i) {
            seen[i] = frame[i];
        }
    }

    /// H-1.5: a part that the owner has sent counts, any other waits.
    function _judge(Transfer memory deposit, uint256 part) internal override {
        uint256[10][] memory expected = new uint256[10][](ACCOUNTS);
        for (uint256 i; i < ACCOUNTS; ++i) {
            expected[i] = seen[i];
        }
        if (part != 0) {
            uint256 to = _index(deposit.target);
            if (deposit.sender == toBytes32(_ownerOf(to))) _give(expected[to], deposit.lane, part);
            else waiting[to][deposit.lane] += part;
            assertEq(
                house.waiting(accounts[to], deposit.lane), waiting[to][deposit.lane], "H-1.5: what waits"
            );
        }
        _requireFrame(expected);
    }

    function _give(uint256[10] memory words, uint256 lane, uint256 amount) internal pure {
        if (lane == CASH) words.addCash(int256(amount));
        else words.setBalance(lane, words.balance(lane) + amount);
    }

    function _has(uint256[10] memory words, uint256 lane) internal pure returns (uint256) {
        if (lane != CASH) return words.balance(lane);
        return words.cash() > 0 ? uint256(words.cash()) : 0;
    }

    // --- shared losses (L-9, L-10)

    /// place of `accounts` in the house's storage
    uint256 private constant ACCOUNTS_SLOT = 0;

    /// {ppm of a dollar} cash as it stands in storage, before anything is due
    function _stored(uint256 i) internal view returns (int256) {
        // XORed with the 2⁶² that 0 dollars are
        uint256 word = _storedWord(i, AccountWords.CASH) ^ (1 << 62);
        return int256(word & ((1 << 63) - 1)) - int256(uint256(1 << 62));
    }

    function _storedWord(uint256 i, uint256 which) private view returns (uint256) {
        bytes32 base = keccak256(abi.encode(accounts[i], ACCOUNTS_SLOT));
        return uint256(vm.load(address(house), bytes32(uint256(base) + which)));
    }

    /// An account as it stands in storage, before anything is due.
    function _storedWords(uint256 i) internal view returns (uint256[10] memory words) {
        words = AccountWords.empty();
        for (uint256 w; w < words.length; ++w) {
            words[w] ^= _storedWord(i, w);
        }
        words.strip();
    }

    /// Accounts that have been touched have borne all losses until now.
    function _remember() private {
        for (uint256 i; i < ACCOUNTS; ++i) {
            _rememberAt(i, factor);
        }
    }

    /// @param borne {2⁻¹²⁷} of losses until the account was touched, if it was
    function _rememberAt(uint256 i, uint256 borne) internal {
        uint32 version = house.version(accounts[i]);
        Ledger memory last = ledgers[i];
        if (version == last.version) return;
        if (i != BACKSTOP && last.held > 0) {
            _relieve(i, uint256(last.held) - uint256(last.held) * borne / last.factor);
        }
        ledgers[i] = Ledger(version, _stored(i), borne);
    }

    /// An account that the last loss has met at once has borne it, of the cash it had then.
    function _bearAt(uint256 i, uint256 share) internal {
        _relieve(i, share);
        ledgers[i].factor = factor;
    }

    /// L-10: the ramp of what is left begins anew with another loss.
    function _relieve(uint256 i, uint256 share) private {
        (uint256 ends, uint256 now_) = (lostAt + RAMP, vm.getBlockTimestamp());
        if (share == 0 || now_ >= ends) return;
        reliefs[i] = Relief(_relief(i) * RAMP / (ends - now_) + share, ends);
    }

    /// L-10 {ppm of a dollar} what liquidation does not count yet of the shares that an account has borne
    function _relief(uint256 i) internal view returns (uint256) {
        Relief memory its = reliefs[i];
        uint256 now_ = vm.getBlockTimestamp();
        return now_ < its.ends ? its.amount * (its.ends - now_) / RAMP : 0;
    }

    /// {ppm of a dollar} what an account bears of losses since it was last touched
    function _share(uint256 i) internal view returns (uint256) {
        Ledger memory ledger = ledgers[i];
        if (i == BACKSTOP || ledger.held <= 0) return 0;
        return uint256(ledger.held) - uint256(ledger.held) * factor / ledger.factor;
    }

    // --- epochs

    /// {ppm of a dollar and others} priced words of the arrays of an epoch
    function _pricedWords(uint64 number) internal view returns (uint256[][4] memory found) {
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            found[array] = wordsOf[number][array];
        }
    }

    /// What a caller gives: proven words where there are, else facts; facts too where `facts` says so.
    function _givenWords(uint64 number, bool facts) internal view returns (uint256[][4] memory given) {
        given = _pricedWords(number);
        uint256 accepted = riskArrays.epochAt(number).accepted;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if (!facts && (accepted >> array) & 1 == 1) continue;
            uint256[] memory words = given[array];
            if (words.length == 0) continue;
            assembly ("memory-safe") {
                // the facts come first
                mstore(words, 19)
            }
        }
    }

    /// Keeps the words that proofs of the epoch that has just begun will have.
    function _price(uint64 number) internal {
        uint256 arrays = riskArrays.epochAt(number).arrays;
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((arrays >> array) & 1 == 0) continue;
            uint256[] memory words = _priced(riskArrays.factsNow(array));
            words[Protocol.RISK_ARRAY_ARRAY_COMMITMENT_OFFSET] = model.commitmentOf(words);
            wordsOf[number][array] = words;
        }
    }

    /// @return whether anything can be said by the newest epoch: it is young enough, and has its snapshot
    function _newest() internal view returns (bool, uint64 number) {
        number = riskArrays.latestNumber();
        if (wordsOf[number][0].length == 0) return (false, number);
        if (vm.getBlockTimestamp() > riskArrays.epochAt(number).time + MAX_ARRAY_AGE) return (false, number);
        try terms.factsAt(number) {
            return (true, number);
        } catch {
            return (false, number);
        }
    }

    /// The facts of an epoch, as L-1 has them.
    /// @param wanted whether it is for what an account wants (H-2.5), or against it
    function _factsOf(uint64 number, bool wanted) internal view returns (MarginFacts memory facts) {
        Epoch memory epoch_ = riskArrays.epochAt(number);
        (facts.arrays, facts.jointStates) = (epoch_.arrays, epoch_.jointStates);
        facts.terms = wanted ? terms.strictFactsAt(number) : terms.factsAt(number);
        // arrays 0 and 2 are kin
        facts.leaders = [uint256(0), 1, 0, 3];
        for (uint256 array; array < Clearing.ARRAY_COUNT; ++array) {
            if ((epoch_.arrays >> array) & 1 == 0) continue;
            (facts.spots[array], facts.steps[array]) = (epoch_.spots[array], epoch_.steps[array]);
        }
    }

    /// The maintenance requirement against an account, the initial one for what it wants.
    function _figures(uint64 number, uint256[10] memory words) internal view returns (Figures memory found) {
        uint256[][4] memory arrayWords = _pricedWords(number);
        MarginFacts memory facts = _factsOf(number, false);
        MarginFacts memory strict = _factsOf(number, true);
        found = model.figures(facts, words, arrayWords);
        // where every source has answered they are the same
        if (keccak256(abi.encode(strict.terms)) == keccak256(abi.encode(facts.terms))) return found;
        Figures memory wanting = model.figures(strict, words, arrayWords);
        assertEq(wanting.equity, found.equity, "H-2.5: a price stands on both sides");
        assertGe(wanting.requirements[0], found.requirements[0], "H-2.5: who wants has less");
        found.requirements[1] = wanting.requirements[1];
    }

    function _isShort(Figures memory found, uint256 i) internal view returns (bool) {
        return found.equity + int256(_relief(i)) < int256(found.requirements[0]);
    }

    // --- proofs

    /// What is said, by the current epoch, of words that want something.
    function _wanted(uint256[10] memory words) internal view returns (Figures memory) {
        uint64 number = riskArrays.currentNumber();
        return model.figures(_factsOf(number, true), words, _pricedWords(number));
    }

    /// The margin statement of these words over the current epoch, without a result. Discards where there are no facts.
    function _statementWith(uint256[10] memory words) internal view returns (uint256[] memory statement) {
        try house.statementWords(accounts[0]) returns (uint256[] memory shared) {
            statement = shared;
        } catch (bytes memory reason) {
            _skip(bytes4(reason));
        }
        for (uint256 w; w < words.length; ++w) {
            statement[w] = words[w];
        }
    }

    /// A proof of what the model says of these words over the current epoch. Discards where there are no facts.
    /// @param understated {ppm of a dollar} by which the prover makes the account look worse
    function _proofOf(uint256[10] memory words, uint256 understated)
        internal
        returns (MarginProof memory proof, Figures memory found)
    {
        uint256[] memory statement = _statementWith(words);
        uint256[][4] memory arrayWords = _pricedWords(riskArrays.currentNumber());
        found = model.figures(model.factsOf(statement, arrayWords), words, arrayWords);
        found.equity -= int256(understated);
        proof.result = _result(found.equity, found.requirements[0], found.requirements[1]);
        statement[Protocol.MARGIN_RESULT_OFFSET] = proof.result;
        proof.commitment = model.prove(statement, arrayWords);
    }
}
