import type { Network } from "./network.ts";

// Addresses: npm @layerzerolabs/lz-evm-sdk-v2 3.1.10, which agrees with LayerZero-Labs/lz-address-book (2026-03); verifiers are
// those not marked deprecated there. None has been read from its chain by this repository: `equipoise deploy` and `doctor` read
// each before anything relies on it. Confirmations are ours.
const ENDPOINT = "0x6EDCE65403992e310A62460808c4b910D972f10f";
const LABS = "LayerZero Labs";
const NETHERMIND = "Nethermind";

/** Public testnets by name. */
export const TESTNETS: readonly Network[] = [
  {
    name: "sepolia",
    chainId: 11_155_111,
    eid: 40_161,
    endpoint: ENDPOINT,
    sendLibrary: "0xcc1ae8Cf5D3904Cef3360A9532B477529b177cCE",
    receiveLibrary: "0xdAf00F5eE2158dD58E0d3857851c432E34A3A851",
    endpointView: "0x982Ca8b3532236C5e77Ff215791dD454e07E21F7",
    receiveView: "0x14B90216c2CEB18427f08d6Dd539b32D58A410ad",
    executor: "0x718B92b5CB0a5552039B593faF724D182A881eDA",
    verifiers: [
      { name: LABS, address: "0x8eebf8b423B73bFCa51a1Db4B7354AA0bFCA9193" },
      { name: NETHERMIND, address: "0x68802e01D6321D5159208478f297d7007A7516Ed" },
    ],
    confirmations: 4,
  },
  {
    name: "base-sepolia",
    chainId: 84_532,
    eid: 40_245,
    endpoint: ENDPOINT,
    sendLibrary: "0xC1868e054425D378095A003EcbA3823a5D0135C9",
    receiveLibrary: "0x12523de19dc41c91F7d2093E0CFbB76b17012C8d",
    endpointView: "0xF49d162484290EAeAd7bb8C2c7E3a6f8f52e32d6",
    receiveView: "0x701f3927871EfcEa1235dB722f9E608aE120d243",
    executor: "0x8A3D588D9f6AC041476b094f97FF94ec30169d3D",
    verifiers: [
      { name: LABS, address: "0xe1a12515F9AB2764b887bF60B923Ca494EBbB2d6" },
      { name: NETHERMIND, address: "0xd9222CC3Ccd1DF7c070d700EA377D4aDA2B86Eb5" },
    ],
    confirmations: 4,
  },
  {
    name: "arbitrum-sepolia",
    chainId: 421_614,
    eid: 40_231,
    endpoint: ENDPOINT,
    sendLibrary: "0x4f7cd4DA19ABB31b0eC98b9066B9e857B1bf9C0E",
    receiveLibrary: "0x75Db67CDab2824970131D5aa9CECfC9F69c69636",
    endpointView: "0x91282bEf7b549732c6acE92778167E952F864A5e",
    receiveView: "0xDbB82b04f149C91673864541066B3D776f322A1b",
    executor: "0x5Df3a1cEbBD9c8BA7F8dF51Fd632A9aef8308897",
    verifiers: [
      { name: LABS, address: "0x53f488E93b4f1b60E8E83aa374dBe1780A1EE8a8" },
      { name: NETHERMIND, address: "0x3a74F7174709842d3b8a14ce60B4AA2499F2A2F2" },
    ],
    confirmations: 4,
  },
  {
    name: "optimism-sepolia",
    chainId: 11_155_420,
    eid: 40_232,
    endpoint: ENDPOINT,
    sendLibrary: "0xB31D2cb502E25B30C651842C7C3293c51Fe6d16f",
    receiveLibrary: "0x9284fd59B95b9143AF0b9795CAC16eb3C723C9Ca",
    endpointView: "0x1e5432719b432738aDeb8F8C5bb6d118e09E768d",
    receiveView: "0x8Ed2a2c6c6A8803df1BEef9EdcC1606eFF38D278",
    executor: "0xDc0D68899405673b932F0DB7f8A49191491A5bcB",
    verifiers: [
      { name: LABS, address: "0xd680ec569f269aa7015F7979b4f1239b5aa4582C" },
      { name: NETHERMIND, address: "0x2d15d4e61558480A9300632772E68d8b5e7Cc7e5" },
    ],
    confirmations: 4,
  },
];
