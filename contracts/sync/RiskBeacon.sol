// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {
    OAppSender,
    MessagingFee,
    MessagingReceipt
} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppSender.sol";
import {OAppCore} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/OAppCore.sol";
import {OAppOptionsType3} from "@layerzerolabs/lz-evm-oapp-v2/contracts/oapp/libs/OAppOptionsType3.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRiskBeacon} from "../interfaces/IRiskBeacon.sol";
import {IRiskState} from "../interfaces/IRiskState.sol";
import {RiskMessage} from "../libraries/RiskMessage.sol";

/// @title RiskBeacon
/// @notice On the hub: carries the newest accepted risk state to the mirrors on the spokes, at anybody's expense.
///
/// ASSUMPTIONS  The oracle only returns states it accepted with a proof. Its endpoint delivers each message at most once and in
///              any order: mirrors keep what is newer.
/// LIVENESS     Anyone may broadcast, again and at any time. A lost message is replaced by the next one.
/// ROLES        owner: peers, enforced options and delegate. At worst it cuts the spokes off; it cannot send another state.
/// The contract never holds value between transactions.
contract RiskBeacon is IRiskBeacon, OAppSender, OAppOptionsType3 {
    /// @notice What enforced options are configured for.
    uint16 public constant MESSAGE_RISK_STATE = 1;

    IRiskState public immutable riskOracle;

    constructor(address endpoint_, address owner_, IRiskState riskOracle_)
        OAppCore(endpoint_, owner_)
        Ownable(owner_)
    {
        riskOracle = riskOracle_;
    }

    /// @inheritdoc IRiskBeacon
    function broadcast(uint32[] calldata dstEids, bytes calldata options) external payable {
        require(dstEids.length > 0, NoDestination());
        uint64 index = riskOracle.latestIndex();
        bytes memory message = RiskMessage.encode(riskOracle.riskState(index));

        uint256 spent; // {wei}
        for (uint256 i; i < dstEids.length; ++i) {
            bytes memory combined = combineOptions(dstEids[i], MESSAGE_RISK_STATE, options);
            MessagingFee memory fee = _quote(dstEids[i], message, combined, false);
            spent += fee.nativeFee;
            require(spent <= msg.value, FeeAboveValue(spent, msg.value));
            MessagingReceipt memory receipt = _lzSend(dstEids[i], message, combined, fee, msg.sender);
            emit RiskStateBroadcast(index, dstEids[i], receipt.guid, fee.nativeFee);
        }

        uint256 excess = msg.value - spent;
        if (excess > 0) {
            (bool paid,) = msg.sender.call{value: excess}("");
            require(paid, RefundRefused(msg.sender, excess));
        }
    }

    /// @inheritdoc IRiskBeacon
    function quote(uint32[] calldata dstEids, bytes calldata options) external view returns (uint256 fee) {
        bytes memory message = RiskMessage.encode(riskOracle.riskState(riskOracle.latestIndex()));
        for (uint256 i; i < dstEids.length; ++i) {
            bytes memory combined = combineOptions(dstEids[i], MESSAGE_RISK_STATE, options);
            fee += _quote(dstEids[i], message, combined, false).nativeFee;
        }
    }

    /// @dev The base contract wants a message's fee to be all of `msg.value`, which one transaction with several messages
    /// cannot give; `broadcast` checks their sum instead.
    function _payNative(uint256 nativeFee) internal pure override returns (uint256) {
        return nativeFee;
    }
}
