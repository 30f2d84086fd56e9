package dev.jlora.spec;

import org.jspecify.annotations.Nullable;

/**
 * The settings of a run; defaults are those of transformers' {@code TrainingArguments} unless
 * stated otherwise.
 *
 * @param epochs passes over the training rows, fractions allowed; default 3
 * @param maxSteps maximum number of optimizer steps, regardless of {@code epochs}; null for no
 *     limit
 * @param batchSize rows per micro-batch; default 8
 * @param evalBatchSize rows per batch of an evaluation; default 8
 * @param evalMaxNewTokens maximum number of tokens generated per row of an evaluation, for metrics
 *     of generated text; default 64
 * @param gradientAccumulationSteps micro-batches per optimizer step; default 1
 * @param gradientCheckpointing whether backward recomputes the blocks of a model instead of storing
 *     their activations: less memory, more time; default false
 * @param maxGradNorm maximum gradient norm, by clipping; 0 for none; default 1
 * @param labelSmoothing default 0
 * @param seed for weight initialization, dropout and shuffling; default 42
 * @param threads for libtorch; null for one per core
 * @param device {@code cpu}, {@code cuda}, {@code cuda:1}, or {@code auto}, the first GPU if there
 *     is one; default auto
 * @param tf32 whether a GPU may round the factors of fp32 products to TF32; default false, as in
 *     PyTorch
 * @param cudaGraphs {@code auto} captures forward and backward of recurring shapes on a GPU and
 *     launches each with one call; {@code off}, the default, launches kernels individually
 * @param loggingSteps number of steps between log lines; default 50 (transformers: 500)
 * @param evaluate when to evaluate; default every epoch (transformers: no); needs validation rows
 * @param save when to write a checkpoint; default every epoch (transformers: every 500 steps)
 * @param saveTotalLimit number of checkpoints to keep, the newest and always the best; null for all
 * @param bestMetric the metric whose best checkpoint becomes the result ({@code loss}, {@code
 *     accuracy}, ...); null uses the last weights
 * @param greaterIsBetter null uses the metric's own direction
 * @param earlyStoppingPatience ends the run after this many evaluations without improvement; null
 *     for never
 * @param earlyStoppingThreshold minimum improvement; default 0
 * @param output the folder of the adapter, checkpoints and logs; default {@code runs/jlora}
 * @param overwrite whether to replace an earlier run in {@code output}; default false: an error
 * @param resume whether to continue from the newest checkpoint in {@code output}; default false
 */
public record TrainingSpec(
    double epochs,
    @Nullable Integer maxSteps,
    int batchSize,
    int evalBatchSize,
    int evalMaxNewTokens,
    int gradientAccumulationSteps,
    boolean gradientCheckpointing,
    double maxGradNorm,
    double labelSmoothing,
    long seed,
    @Nullable Integer threads,
    String device,
    boolean tf32,
    String cudaGraphs,
    int loggingSteps,
    Interval evaluate,
    Interval save,
    @Nullable Integer saveTotalLimit,
    @Nullable String bestMetric,
    @Nullable Boolean greaterIsBetter,
    @Nullable Integer earlyStoppingPatience,
    double earlyStoppingThreshold,
    String output,
    boolean overwrite,
    boolean resume)
    implements Spec {
  /** {@link #cudaGraphs}: never. */
  public static final String OFF = "off";

  /** {@link #cudaGraphs}: if possible. */
  public static final String AUTO = "auto";

  /** Upper limit: OpenMP ends the process if the system refuses to create a thread. */
  static final int MOST_THREADS = 1024;

  public TrainingSpec {
    Problems.in("training")
        .unless(
            epochs > 0 && Double.isFinite(epochs), "epochs: got %s, expected more than 0", epochs)
        .unless(
            maxSteps == null || maxSteps > 0,
            "max_steps: got %s, expected 1 or more, or nothing for no limit",
            maxSteps)
        .unless(batchSize > 0, "batch_size: got %d, expected 1 or more", batchSize)
        .unless(evalBatchSize > 0, "eval_batch_size: got %d, expected 1 or more", evalBatchSize)
        .unless(
            evalMaxNewTokens > 0,
            "eval_max_new_tokens: got %d, expected 1 or more",
            evalMaxNewTokens)
        .unless(
            gradientAccumulationSteps > 0,
            "gradient_accumulation_steps: got %d, expected 1 or more",
            gradientAccumulationSteps)
        .unless(
            maxGradNorm >= 0 && Double.isFinite(maxGradNorm),
            "max_grad_norm: got %s, expected 0 (never clip) or more",
            maxGradNorm)
        .unless(
            labelSmoothing >= 0 && labelSmoothing < 1,
            "label_smoothing: got %s, expected 0 or more and less than 1",
            labelSmoothing)
        .unless(
            threads == null || (threads > 0 && threads <= MOST_THREADS),
            "threads: got %s, expected 1 to %d",
            threads,
            MOST_THREADS)
        .unless(
            device.matches("auto|cpu|cuda(:\\d{1,3})?"),
            "device: got '%s', expected auto, cpu, cuda or cuda:INDEX",
            device)
        .unless(
            cudaGraphs.equals(OFF) || cudaGraphs.equals(AUTO),
            "cuda_graphs: got '%s', expected off or auto",
            cudaGraphs)
        .unless(loggingSteps > 0, "logging_steps: got %d, expected 1 or more", loggingSteps)
        .unless(
            saveTotalLimit == null || saveTotalLimit > 0,
            "save_total_limit: got %s, expected 1 or more, or nothing for all",
            saveTotalLimit)
        .unless(
            bestMetric == null || !(evaluate instanceof Interval.Never),
            "best_metric: got '%s' while training.evaluate is \"no\", expected evaluations to"
                + " select by",
            bestMetric)
        .unless(
            bestMetric == null || !(save instanceof Interval.Never),
            "best_metric: got '%s' while training.save is \"no\", expected checkpoints to select"
                + " from",
            bestMetric)
        .unless(
            earlyStoppingPatience == null || earlyStoppingPatience > 0,
            "early_stopping_patience: got %s, expected 1 or more evaluations",
            earlyStoppingPatience)
        .unless(
            earlyStoppingPatience == null || bestMetric != null,
            "early_stopping_patience: got %s without training.best_metric, expected both",
            earlyStoppingPatience)
        .unless(
            earlyStoppingThreshold >= 0 && Double.isFinite(earlyStoppingThreshold),
            "early_stopping_threshold: got %s, expected 0 or more",
            earlyStoppingThreshold)
        .unless(!output.isBlank(), "output: got none, expected a folder")
        .unlessPath("output", output)
        .unless(
            !(overwrite && resume),
            "resume: got true together with training.overwrite, expected only one of them")
        .throwIfAny();
  }

  public static TrainingSpec defaults() {
    return new TrainingSpec(
        3,
        null,
        8,
        8,
        64,
        1,
        false,
        1,
        0,
        42,
        null,
        "auto",
        false,
        OFF,
        50,
        Interval.epoch(),
        Interval.epoch(),
        null,
        null,
        null,
        null,
        0,
        "runs/jlora",
        false,
        false);
  }

  @Override
  public String toString() {
    return json();
  }

  public static Builder builder() {
    return new Builder(PartialSpec.of(TrainingSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(PartialSpec.of(TrainingSpec.class).over(this));
  }

  /**
   * Collects settings; {@link #build} validates them. Immutable: every method returns a new
   * builder. The order of calls does not matter, except that a later call replaces an earlier one
   * of the same method.
   */
  public static final class Builder {
    private final PartialSpec<TrainingSpec> partial;

    private Builder(PartialSpec<TrainingSpec> partial) {
      this.partial = partial;
    }

    private Builder with(String component, Object value) {
      return new Builder(partial.with(component, value));
    }

    public Builder epochs(double epochs) {
      return with("epochs", epochs);
    }

    public Builder maxSteps(int steps) {
      return with("maxSteps", steps);
    }

    /** Rows per micro-batch. */
    public Builder batch(int rows) {
      return with("batchSize", rows);
    }

    /** Rows per batch of an evaluation. */
    public Builder evalBatch(int rows) {
      return with("evalBatchSize", rows);
    }

    /** Maximum number of tokens generated per row of an evaluation. */
    public Builder evalMaxNewTokens(int tokens) {
      return with("evalMaxNewTokens", tokens);
    }

    /** Micro-batches per optimizer step. */
    public Builder accumulate(int microBatches) {
      return with("gradientAccumulationSteps", microBatches);
    }

    /** Whether backward recomputes the blocks of a model: less memory, more time. */
    public Builder gradientCheckpointing(boolean again) {
      return with("gradientCheckpointing", again);
    }

    public Builder maxGradNorm(double norm) {
      return with("maxGradNorm", norm);
    }

    public Builder labelSmoothing(double share) {
      return with("labelSmoothing", share);
    }

    public Builder seed(long seed) {
      return with("seed", seed);
    }

    public Builder threads(int threads) {
      return with("threads", threads);
    }

    /** The device: {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:1}. */
    public Builder device(String name) {
      return with("device", name);
    }

    /** Whether a GPU may round the factors of fp32 products to TF32. */
    public Builder tf32(boolean allowed) {
      return with("tf32", allowed);
    }

    /** Whether steps are captured on a GPU: {@code off} or {@code auto}. */
    public Builder cudaGraphs(String mode) {
      return with("cudaGraphs", mode);
    }

    public Builder loggingSteps(int steps) {
      return with("loggingSteps", steps);
    }

    public Builder evaluate(Interval when) {
      return with("evaluate", when);
    }

    public Builder save(Interval when) {
      return with("save", when);
    }

    public Builder saveTotalLimit(int checkpoints) {
      return with("saveTotalLimit", checkpoints);
    }

    /** Keeps the checkpoint that is best by this metric. */
    public Builder keepBest(String metric) {
      return with("bestMetric", metric);
    }

    public Builder greaterIsBetter(boolean greater) {
      return with("greaterIsBetter", greater);
    }

    /**
     * Ends the run after this many evaluations without an improvement of more than {@code
     * threshold}.
     */
    public Builder earlyStopping(int patience, double threshold) {
      return new Builder(
          partial
              .with("earlyStoppingPatience", patience)
              .with("earlyStoppingThreshold", threshold));
    }

    public Builder output(String folder) {
      return with("output", folder);
    }

    /** Whether to replace an earlier run in the output folder. */
    public Builder overwrite(boolean replace) {
      return with("overwrite", replace);
    }

    /** Whether to continue from the newest checkpoint in the output folder. */
    public Builder resume(boolean goOn) {
      return with("resume", goOn);
    }

    /**
     * @throws SpecException listing all problems
     */
    public TrainingSpec build() {
      return partial.build();
    }

    @Override
    public String toString() {
      return partial.toString();
    }
  }
}
