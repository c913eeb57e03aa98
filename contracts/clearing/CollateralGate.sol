// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Protocol} from "../generated/Protocol.sol";
import {ICollateralGate} from "../interfaces/ICollateralGate.sol";
import {ICollateralPath, Transfer} from "../interfaces/ICollateralPath.sol";
import {TokenTransfer} from "../libraries/TokenTransfer.sol";
import {CollateralPath} from "./CollateralPath.sol";

/// @title CollateralGate
/// @notice Holds the tokens of one chain for the house. On the hub's chain as on every other; there it calls the hub, and the
/// hub it, instead of sending messages.
///
/// ASSUMPTIONS  The endpoint, the verifiers configured for it and the peer say truly what the hub has ordered. If all of them
///              lie, what they take is bounded twice: by the escrow of each lane, which counts what came in through
///              `deposit` and nothing else, and by the limit, a day's worth at once and as much each day after. What waits
///              behind the limit can be denied by the hub once the verifiers have been replaced. Tokens neither rebase
///              nor take fees (a fee is refused when the token comes in) and have 6 to 30 decimals.
/// LIVENESS     A payment needs a message from the hub: if the hub's chain, or LayerZero between the two, ends for good,
///              what lies here stays here. There is no other way out, since only the hub knows what an account still owes.
///              A token that fails, or that blocks its receiver, leaves the payment claimable for ever and holds up no other.
/// ROUNDING     Deposits down to 1 ppm of a token; the rest is not taken. Payments are exact.
/// ROLES        owner: the path to the hub, once; limits within bounds, raised after a delay; enforced options and delegate.
///              At worst it has messages verified by liars of its own: see ASSUMPTIONS. It sits behind the timelock. It moves
///              no token and cannot stop `process` or `claim`.
contract CollateralGate is ICollateralGate, CollateralPath {
    using TokenTransfer for address;

    /// {gas} left before a token is pushed, so that it gets LEG_GAS and the rest can still be done: whoever executes a
    /// message with less cannot leave a claim behind
    uint256 private constant GAS_BEFORE_PAYMENT = TokenTransfer.LEG_GAS * 64 / 63 + 45_000;
    uint256 private constant LANES = Protocol.LANE_COUNT + 1;
    uint256 private constant MIN_DECIMALS = 6;
    uint256 private constant MAX_DECIMALS = 30;

    struct Lane {
        address token;
        uint96 unit;
    }

    uint32 public immutable hubEid;

    Lane[13] private lanes;
    mapping(uint256 lane => uint256) public escrow;
    mapping(address receiver => mapping(uint256 lane => uint256)) public claimable;

    /// @param tokens of the lanes on this chain, 0 where there is none
    constructor(address endpoint_, address owner_, uint32 hubEid_, address[13] memory tokens)
        CollateralPath(endpoint_, owner_)
    {
        hubEid = hubEid_;
        for (uint256 lane; lane < LANES; ++lane) {
            address token = tokens[lane];
            if (token == address(0)) continue;
            uint256 decimals = IERC20Metadata(token).decimals();
            require(
                decimals >= MIN_DECIMALS && decimals <= MAX_DECIMALS, DecimalsOutOfBounds(token, decimals)
            );
            // {token units / ppm of a token} < 2⁸⁰
            lanes[lane] = Lane(token, uint96(10 ** (decimals - MIN_DECIMALS)));
        }
    }

    /// @inheritdoc CollateralPath
    /// @dev There is one hub: a second path would be a second one who may order payments.
    function openPath(uint32 eid, bytes32 peer, uint64[13] calldata limits)
        public
        override(ICollateralPath, CollateralPath)
    {
        require(eid == hubEid, NotTheHubsChain(eid));
        super.openPath(eid, peer, limits);
    }

    /// @inheritdoc ICollateralGate
    function deposit(bytes32 account, uint256 lane, uint256 amount, bytes calldata options)
        external
        payable
        nonReentrant
        returns (uint64 id)
    {
        require(uint256(account) >> 96 != 0, AccountInvalid(account));
        require(lane < LANES, LaneUnknown(lane));
        Lane memory at = lanes[lane];
        require(at.token != address(0), LaneWithoutToken(lane));
        // {ppm of a token} = {token units} / {token units / ppm of a token}, rounded down
        uint256 part = amount / at.unit;
        at.token.pull(msg.sender, part * at.unit);
        escrow[lane] += part;
        bytes32 sender = bytes32(uint256(uint160(msg.sender)));
        id = _sendTransfer(hubEid, Transfer(0, lane, part, account, sender), options, msg.sender);
        emit Deposited(account, lane, part, msg.sender, id);
    }

    /// @inheritdoc ICollateralGate
    function claim(uint256 lane, address to) external nonReentrant returns (uint256 amount) {
        amount = claimable[msg.sender][lane];
        require(amount != 0, NothingClaimable(msg.sender, lane));
        claimable[msg.sender][lane] = 0;
        Lane memory at = lanes[lane];
        at.token.push(to, amount * at.unit);
        emit Claimed(msg.sender, lane, amount, to);
    }

    /// @inheritdoc ICollateralGate
    function tokenOf(uint256 lane) external view returns (address, uint256) {
        return (lanes[lane].token, lanes[lane].unit);
    }

    /// @inheritdoc CollateralPath
    function _understands(Transfer memory transfer) internal view override returns (bool) {
        return transfer.target != 0 && uint256(transfer.target) >> 160 == 0
            && lanes[transfer.lane].token != address(0);
    }

    /// @inheritdoc CollateralPath
    function _room(uint256 lane) internal view override returns (uint256) {
        return escrow[lane];
    }

    /// @inheritdoc CollateralPath
    function _finish(uint32, Transfer memory transfer, uint256 part) internal override {
        uint256 lane = transfer.lane;
        Lane memory at = lanes[lane];
        address receiver = address(uint160(uint256(transfer.target)));
        escrow[lane] -= part;
        require(gasleft() >= GAS_BEFORE_PAYMENT, GasTooLow(gasleft(), GAS_BEFORE_PAYMENT));
        if (at.token.tryPush(receiver, part * at.unit)) {
            emit Paid(receiver, lane, part, transfer.id);
        } else {
            claimable[receiver][lane] += part;
            emit PaymentKept(receiver, lane, part, transfer.id);
        }
    }
}
