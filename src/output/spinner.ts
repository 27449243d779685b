import ora from "ora";

export interface Spinner {
  /** Shows these lines below a moving mark; none hides it. */
  show(lines: readonly string[]): void;
  stop(): void;
}

export function createSpinner(stream: NodeJS.WriteStream): Spinner {
  // ora must not take the keyboard: Ctrl-C has to reach us as a signal.
  const spinner = ora({ stream, discardStdin: false, hideCursor: true });
  return {
    show: (lines) => {
      if (lines.length === 0) {
        spinner.stop();
        return;
      }
      spinner.text = lines.join("\n  ");
      if (!spinner.isSpinning) spinner.start();
    },
    stop: () => {
      spinner.stop();
    },
  };
}
