export interface BuildRequest {
  readonly contextDir: string;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Absolute path of the Dockerfile; without it, the one in the context. */
  readonly dockerfile?: string;
}

/** Builds and fetches images. */
export interface ImageBuilder {
  /** `onStep` is told the step being worked on, as "3/9 RUN uv pip install". Throws BUILD_FAILED. */
  build(
    request: BuildRequest,
    options: { readonly signal: AbortSignal; readonly onStep: (step: string) => void },
  ): Promise<void>;
  /** Fetches an image from its registry. Throws IMAGE_UNAVAILABLE with the registry's words. */
  pull(
    reference: string,
    options: { readonly signal: AbortSignal; readonly onStep: (step: string) => void },
  ): Promise<void>;
  /** Makes the Debian root image `tag`, pulled or bootstrapped. Throws BUILD_FAILED. */
  makeRootImage(
    tag: string,
    options: { readonly signal: AbortSignal; readonly onStep: (step: string) => void },
  ): Promise<void>;
}
