import { describe, expect, it } from 'vitest';
import { PlayerBudget } from '#lib/server/media/PlayerBudget';

describe('PlayerBudget', () => {
  it('admits everything to a player that reads', () => {
    const budget = new PlayerBudget(1000);
    for (const kind of ['header', 'key', 'inter', 'audio', 'data'] as const)
      expect(budget.admit(kind, 900, 0)).toBe(true);
    expect(budget.dropped).toBe(0);
  });

  it('skips a slow player to a key frame after half has drained, but sends headers', () => {
    const budget = new PlayerBudget(1000);
    expect(budget.admit('inter', 1001, 0)).toBe(false);
    expect(budget.admit('header', 1001, 0)).toBe(true);
    expect(budget.admit('inter', 100, 0)).toBe(false);
    expect(budget.admit('audio', 100, 0)).toBe(false);
    expect(budget.admit('key', 501, 0)).toBe(false);
    expect(budget.admit('key', 500, 0)).toBe(true);
    expect(budget.admit('inter', 600, 0)).toBe(true);
    expect(budget.dropped).toBe(4);
  });

  it('resumes with sound in a stream without pictures', () => {
    const budget = new PlayerBudget(1000);
    expect(budget.admit('audio', 1001, 0)).toBe(false);
    expect(budget.admit('audio', 501, 0)).toBe(false);
    expect(budget.admit('audio', 500, 0)).toBe(true);
  });

  it('resumes with anything in a stream of kinds that it does not know', () => {
    const budget = new PlayerBudget(1000);
    expect(budget.admit('data', 1001, 0)).toBe(false);
    expect(budget.admit('data', 501, 0)).toBe(false);
    expect(budget.admit('data', 500, 0)).toBe(true);
    expect(budget.admit('audio', 1001, 0)).toBe(false);
    expect(budget.admit('data', 500, 0)).toBe(false);
  });

  it('lets the GOP of a joining player exceed it once', () => {
    const budget = new PlayerBudget(1000);
    budget.joined(5000);
    expect(budget.admit('inter', 5500, 0)).toBe(true);
    expect(budget.admit('inter', 900, 0)).toBe(true);
    expect(budget.admit('inter', 5500, 0)).toBe(false);
  });

  it('calls a player stalled only while it does not drain', () => {
    const budget = new PlayerBudget(1000);
    expect(budget.stalled(5000, 10_000, 100)).toBe(false);
    budget.admit('inter', 1001, 0);
    expect(budget.stalled(1001, 100, 100)).toBe(false);
    expect(budget.stalled(1001, 101, 100)).toBe(true);
    expect(budget.stalled(400, 101, 100)).toBe(false);
  });
});
