package dev.jlora.cli;

import dev.jlora.spec.Bias;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.Interval;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Precision;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A job as options. What is not given is left to the defaults of the specs. */
final class JobOptions {
  @Option(names = "--model", paramLabel = "DIR", description = "The pretrained model's folder.")
  @Nullable String model;

  @Option(
      names = "--task",
      defaultValue = TaskSpec.SEQUENCE_CLASSIFICATION,
      description = "What to learn (default: ${DEFAULT-VALUE}).")
  private String task;

  @Option(
      names = "--labels",
      split = ",",
      description = "Label names in order; without it, those of the model or of the data.")
  private List<String> labels = List.of();

  @Option(names = "--metrics", split = ",", description = "What evaluations report.")
  private List<String> metrics = List.of();

  @Option(names = "--precision", description = "fp32 or bf16 (default: fp32).")
  private Precision precision = Precision.FP32;

  @ArgGroup(validate = false, heading = "Data:%n")
  private Data data = new Data();

  @ArgGroup(validate = false, heading = "Images:%n")
  private Images images = new Images();

  @ArgGroup(validate = false, heading = "Adapter:%n")
  private Lora lora = new Lora();

  @ArgGroup(validate = false, heading = "Training:%n")
  private Training training = new Training();

  /** Where rows come from. */
  static final class Data {
    @Option(names = "--train", paramLabel = "FILE", description = "Rows to learn from.")
    private @Nullable String train;

    @Option(names = "--validation", paramLabel = "FILE", description = "Rows to evaluate on.")
    private @Nullable String validation;

    @Option(names = "--test", paramLabel = "FILE", description = "Rows of the last evaluation.")
    private @Nullable String test;

    @Option(
        names = "--format",
        description = "jsonl, csv, tsv, imagefolder; else by the file's name.")
    private @Nullable String format;

    @Option(names = "--text", defaultValue = "text", description = "Column of the text.")
    private String text;

    @Option(names = "--text-pair", description = "Column of a second text.")
    private @Nullable String textPair;

    @Option(names = "--label", defaultValue = "label", description = "Column of the label.")
    private String label;

    @Option(names = "--tokens", description = "Column of words, in place of a text.")
    private @Nullable String tokens;

    @Option(names = "--header", split = ",", description = "Columns of a table without a header.")
    private List<String> header = List.of();

    @Option(names = "--max-length", description = "Tokens a row is cut to.")
    private @Nullable Integer maxLength;

    @Option(names = "--limit", description = "Only the first so many training rows.")
    private @Nullable Integer limit;

    @Option(names = "--only-labels", description = "Leave out rows with other labels.")
    private boolean onlyLabels;

    DataSpec.Builder spec(Images images) {
      DataSpec.Builder builder = DataSpec.builder().header(header.toArray(String[]::new));
      set(train, builder::train);
      set(validation, builder::validation);
      set(test, builder::test);
      set(format, builder::format);
      set(maxLength, builder::maxLength);
      set(limit, builder::limit);
      if (onlyLabels) {
        builder.onlyLabels();
      }
      return builder
          .columns(
              new ColumnsSpec(tokens == null ? text : null, textPair, label, tokens, images.image))
          .images(images.spec());
    }
  }

  /** What is done to images. */
  static final class Images {
    @Option(names = "--image", description = "Column of the image's path; default: image.")
    private @Nullable String image;

    @Option(names = "--image-size", paramLabel = "PIXELS", description = "In place of the model's.")
    private @Nullable Integer size;

    @Option(
        names = "--random-crop",
        paramLabel = "SHARE",
        description = "Train on random crops of at least this share of the area.")
    private @Nullable Double randomCrop;

    @Option(names = "--flip", description = "Mirror every other training image.")
    private boolean flip;

    @Option(names = "--skip-corrupt", description = "Leave out images that cannot be read.")
    private boolean skipCorrupt;

    ImagesSpec spec() {
      return new ImagesSpec(
          size,
          randomCrop,
          flip,
          skipCorrupt ? ImagesSpec.Corrupt.SKIP : ImagesSpec.Corrupt.REFUSE,
          null);
    }
  }

  /** LoRA. */
  static final class Lora {
    @Option(names = "--rank", description = "Default: 8.")
    private @Nullable Integer rank;

    @Option(names = "--alpha", description = "Default: 8.")
    private @Nullable Double alpha;

    @Option(names = "--dropout", description = "Default: 0.")
    private @Nullable Double dropout;

    @Option(
        names = "--targets",
        description = "Names with commas, a regular expression, or all-linear.")
    private @Nullable String targets;

    @Option(names = "--bias", description = "none, all or lora_only.")
    private @Nullable Bias bias;

    @Option(names = "--rslora", description = "Scale by alpha / sqrt(rank).")
    private boolean rslora;

    LoraSpec spec() {
      LoraSpec.Builder builder = LoraSpec.builder().rslora(rslora);
      set(rank, builder::rank);
      set(alpha, builder::alpha);
      set(dropout, builder::dropout);
      set(bias, builder::bias);
      if (targets != null) {
        builder.targets(targets(targets));
      }
      return builder.build();
    }
  }

  /** The run. */
  static final class Training {
    @Option(names = "--epochs", description = "Default: 3.")
    private @Nullable Double epochs;

    @Option(names = "--max-steps", description = "Ends the run after so many steps.")
    private @Nullable Integer maxSteps;

    @Option(names = "--batch", description = "Rows per micro-batch; default: 8.")
    private @Nullable Integer batch;

    @Option(names = "--accumulate", description = "Micro-batches per step; default: 1.")
    private @Nullable Integer accumulate;

    @Option(names = "--lr", description = "Learning rate; default: 2e-4.")
    private @Nullable Double rate;

    @Option(names = "--weight-decay", description = "Default: 0.")
    private @Nullable Double weightDecay;

    @Option(names = "--optimizer", description = "adamw, adam, sgd; default: adamw.")
    private @Nullable String optimizer;

    @Option(names = "--schedule", description = "linear, cosine, constant; default: linear.")
    private @Nullable String schedule;

    @Option(names = "--warmup-steps", description = "Default: 0.")
    private @Nullable Integer warmupSteps;

    @Option(names = "--logging-steps", description = "Default: 50.")
    private @Nullable Integer loggingSteps;

    @Option(names = "--evaluate", description = "no, epoch, or a number of steps.")
    private @Nullable String evaluate;

    @Option(names = "--save", description = "no, epoch, or a number of steps.")
    private @Nullable String save;

    @Option(names = "--keep-best", paramLabel = "METRIC", description = "Keep the best by this.")
    private @Nullable String keepBest;

    @Option(names = "--seed", description = "Default: 42.")
    private @Nullable Long seed;

    @Option(names = "--threads", description = "Default: one per core.")
    private @Nullable Integer threads;

    @Option(names = "--output", paramLabel = "DIR", description = "Default: runs/jlora.")
    private @Nullable String output;

    @Option(names = "--overwrite", description = "Replace an earlier run in the output folder.")
    private boolean overwrite;

    @Option(names = "--resume", description = "Go on from the newest checkpoint there.")
    private boolean resume;

    TrainingSpec spec() {
      TrainingSpec.Builder builder = TrainingSpec.builder().overwrite(overwrite).resume(resume);
      set(epochs, builder::epochs);
      set(maxSteps, builder::maxSteps);
      set(batch, rows -> builder.batch(rows).evalBatch(rows));
      set(accumulate, builder::accumulate);
      set(loggingSteps, builder::loggingSteps);
      set(evaluate, when -> builder.evaluate(Interval.of(when)));
      set(save, when -> builder.save(Interval.of(when)));
      set(keepBest, builder::keepBest);
      set(seed, builder::seed);
      set(threads, builder::threads);
      set(output, builder::output);
      return builder.build();
    }

    OptimizerSpec optimizerSpec() {
      OptimizerSpec spec = OptimizerSpec.defaults();
      spec = optimizer == null ? spec : spec.withName(optimizer);
      spec = rate == null ? spec : spec.withLearningRate(rate);
      return weightDecay == null ? spec : spec.withWeightDecay(weightDecay);
    }

    ScheduleSpec scheduleSpec() {
      ScheduleSpec spec = schedule == null ? ScheduleSpec.defaults() : ScheduleSpec.of(schedule);
      return warmupSteps == null ? spec : spec.withWarmupSteps(warmupSteps);
    }
  }

  /**
   * The job that the options say; {@code model} must have been given.
   *
   * @throws dev.jlora.spec.SpecException with what is wrong
   */
  JobSpec spec() {
    return new JobSpec(
        ModelSpec.of(model == null ? "" : model).withPrecision(precision),
        TaskSpec.of(task, labels.toArray(String[]::new))
            .withMetrics(metrics.toArray(String[]::new)),
        lora.spec(),
        data.spec(images).build(),
        training.optimizerSpec(),
        training.scheduleSpec(),
        training.spec());
  }

  /** A word or words with commas are names; anything else is a regular expression. */
  static Targets targets(String text) {
    return text.matches("[\\w.]+(,[\\w.]+)*") ? Targets.names(text.split(",")) : Targets.of(text);
  }

  private static <T> void set(@Nullable T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
