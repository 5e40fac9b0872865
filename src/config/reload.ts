import { type LoadedConfiguration, type LoadOptions, readConfiguration, readConfigurationFile } from './load.ts';
import { ConfigurationError } from './problem.ts';

/** ConfigurationObserver is told the outcome of a changed configuration; once per change. */
export interface ConfigurationObserver {
  /** A new configuration is in force, or the old one is again. */
  readonly reloaded: (loaded: LoadedConfiguration) => void;
  /** The new one is bad, and the last good one stays in force. */
  readonly refused: (error: ConfigurationError) => void;
}

/**
 * ConfigurationWatcher keeps the last good configuration of one file. It compares the text, not the file's times: a
 * ConfigMap mount swaps a symbolic link, and an editor writes in place.
 */
export class ConfigurationWatcher {
  readonly #file: string;
  readonly #options: LoadOptions;
  readonly #observer: ConfigurationObserver;
  #current: LoadedConfiguration;
  #goodText: string;
  /** The last checked text, or the reason why there was none. */
  #judged: string;
  #checking: Promise<void> | undefined;

  private constructor(file: string, text: string, options: LoadOptions, observer: ConfigurationObserver) {
    this.#file = file;
    this.#options = options;
    this.#observer = observer;
    this.#current = readConfiguration(text, file, options);
    this.#goodText = text;
    this.#judged = text;
  }

  /** open reads the file for the first time. Throws ConfigurationError: without a good one there is no start. */
  static async open(
    file: string,
    observer: ConfigurationObserver,
    options: LoadOptions = {},
  ): Promise<ConfigurationWatcher> {
    return new ConfigurationWatcher(file, await readConfigurationFile(file), options, observer);
  }

  get current(): LoadedConfiguration {
    return this.#current;
  }

  /** check reads the file again; calls that overlap share one reading. Never throws. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<void> {
    let text: string | undefined;
    try {
      text = await readConfigurationFile(this.#file);
      if (text === this.#judged) return;
      if (text !== this.#goodText) this.#current = readConfiguration(text, this.#file, this.#options);
      this.#goodText = text;
      this.#judged = text;
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.#refuse(text ?? error.message, error);
      return;
    }
    this.#observer.reloaded(this.#current);
  }

  #refuse(judged: string, error: ConfigurationError): void {
    if (judged === this.#judged) return;
    this.#judged = judged;
    this.#observer.refused(error);
  }
}
