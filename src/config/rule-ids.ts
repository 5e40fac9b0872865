import { RULES } from '../policy/rules/index.ts';

/** RULE_IDS are the rules that a configuration may name: those there are, and `baseline-modified`, which is to come. */
export const RULE_IDS: readonly string[] = ['baseline-modified', ...RULES.map(({ id }) => id)];
