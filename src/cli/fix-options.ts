import { type Parsed, UsageError } from './command.ts';

/** FixOptions are the flags of `netpol-guard fix`, and those of `netpol-guard lint --fix` that it has in common. */
export interface FixOptions {
  /** Files and folders; or `-`, for a filter. */
  readonly paths: readonly string[];
  /** Whether to print what would change, and to change nothing. */
  readonly diff: boolean;
  /** Whether a filter fails as `lint` does. */
  readonly strict: boolean;
  /** Whether `lint` reports afterwards what is left, and what could not be read. */
  readonly isBeforeLint: boolean;
  /** Whether having nothing to judge is not a failure. */
  readonly allowEmpty: boolean;
  /** The default of `enforce`; the configuration's if absent. */
  readonly level?: 'standard' | 'strict' | undefined;
  readonly config?: string | undefined;
  /** For policies that name none. */
  readonly namespace: string;
  /** Whether the level labels of Namespaces among the files are ignored. */
  readonly ignoreLabels: boolean;
}

/** fixOptions reads the flags of `fix`. Throws UsageError if they contradict each other. */
export function fixOptions(parsed: Parsed): FixOptions {
  const { positionals: paths } = parsed;
  const isFilter = paths.includes('-');
  if (isFilter && paths.length > 1) throw new UsageError('- (standard input) cannot be combined with files');
  const strict = parsed.has('strict');
  if (strict && !isFilter) throw new UsageError('--strict needs -; with files the exit status already reports it');
  return { ...common(parsed), paths, strict, diff: parsed.has('diff'), isBeforeLint: false };
}

/**
 * lintFixOptions reads the flags of `lint --fix`; undefined without it. Throws UsageError if they contradict each
 * other.
 */
export function lintFixOptions(parsed: Parsed): FixOptions | undefined {
  const { positionals: paths } = parsed;
  const diff = parsed.has('diff');
  if (!parsed.has('fix')) {
    if (diff) throw new UsageError('--diff needs --fix');
    return undefined;
  }
  if (paths.includes('-') && !diff) {
    throw new UsageError(
      '--fix cannot be used with -; netpol-guard fix - writes the fixed manifests to standard output',
    );
  }
  if (paths.includes('-') && paths.length > 1) throw new UsageError('- (standard input) cannot be combined with files');
  return { ...common(parsed), paths, strict: true, diff, isBeforeLint: !diff };
}

function common(parsed: Parsed): Pick<FixOptions, 'level' | 'config' | 'namespace' | 'ignoreLabels' | 'allowEmpty'> {
  const level = parsed.value('level');
  return {
    level: level === 'standard' || level === 'strict' ? level : undefined,
    config: parsed.value('config'),
    namespace: parsed.value('namespace') ?? 'default',
    ignoreLabels: parsed.has('ignore-labels'),
    allowEmpty: parsed.has('allow-empty'),
  };
}
