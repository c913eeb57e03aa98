import { describe, expect, it } from "vitest";
import { riskBudgeting } from "./riskBudgeting.ts";
import {
  BudgetNegative,
  BudgetsLengthMismatch,
  BudgetsNotOne,
  CapInvalid,
  CapsLengthMismatch,
  CapsNotReachable,
  CovarianceNotFinite,
  CovarianceNotPositiveDefinite,
  CovarianceNotSquare,
  CovarianceNotSymmetric,
} from "./riskBudgetingInput.ts";

describe("riskBudgeting on bad input", () => {
  it("error: CovarianceNotSquare", () => {
    expect(() => riskBudgeting({ covariance: [] })).toThrow(CovarianceNotSquare);
    expect(() => riskBudgeting({ covariance: [[1, 0]] })).toThrow(CovarianceNotSquare);
    expect(() => riskBudgeting({ covariance: [[1, 0], [0]] })).toThrow(/row 1 of the covariance has 1 entries/);
  });
  it("error: CovarianceNotFinite", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, Number.NaN],
          [0, 1],
        ],
      }),
    ).toThrow(CovarianceNotFinite);
    expect(() => riskBudgeting({ covariance: [["1"]] as unknown as number[][] })).toThrow(CovarianceNotFinite);
  });
  it("error: CovarianceNotSymmetric", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0.1],
          [0.2, 1],
        ],
      }),
    ).toThrow(CovarianceNotSymmetric);
  });
  it("error: CovarianceNotPositiveDefinite says which pivot and what it is", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 2],
          [2, 1],
        ],
      }),
    ).toThrow(CovarianceNotPositiveDefinite);
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 2],
          [2, 1],
        ],
      }),
    ).toThrow(/pivot 1 of the covariance is -3 /);
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0],
          [0, 0],
        ],
      }),
    ).toThrow(/pivot 1 of the covariance is 0 /);
    expect(() =>
      riskBudgeting({
        covariance: [
          [4, 4, 1],
          [4, 4, 1],
          [1, 1, 9],
        ],
      }),
    ).toThrow(/pivot 1/);
  });
  it("error: BudgetsLengthMismatch, CapsLengthMismatch", () => {
    expect(() => riskBudgeting({ covariance: [[1]], budgets: [0.5, 0.5] })).toThrow(BudgetsLengthMismatch);
    expect(() => riskBudgeting({ covariance: [[1]], caps: [] })).toThrow(CapsLengthMismatch);
  });
  it("error: BudgetNegative", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0],
          [0, 1],
        ],
        budgets: [-0.5, 1.5],
      }),
    ).toThrow(BudgetNegative);
  });
  it("error: BudgetsNotOne says the sum", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0],
          [0, 1],
        ],
        budgets: [0.5, 0.6],
      }),
    ).toThrow(BudgetsNotOne);
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0],
          [0, 1],
        ],
        budgets: [0.5, 0.6],
      }),
    ).toThrow(/sum to 1.1 and must sum to 1/);
  });
  it("error: CapInvalid", () => {
    expect(() => riskBudgeting({ covariance: [[1]], caps: [Number.NaN] })).toThrow(CapInvalid);
    expect(() => riskBudgeting({ covariance: [[1]], caps: [-1] })).toThrow(CapInvalid);
  });
  it("error: CapsNotReachable counts budgeted assets only", () => {
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0],
          [0, 1],
        ],
        caps: [0.5, 0.4],
      }),
    ).toThrow(CapsNotReachable);
    expect(() =>
      riskBudgeting({
        covariance: [
          [1, 0],
          [0, 1],
        ],
        budgets: [1, 0],
        caps: [0.9, 1],
      }),
    ).toThrow(CapsNotReachable);
  });
});
