package dev.jlora.cli;

import dev.jlora.engine.Engine;
import dev.jlora.host.Plugins;
import dev.jlora.spec.Bias;
import dev.jlora.spec.ColumnsSpec;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.JobSpec;
import dev.jlora.spec.LabelLists;
import dev.jlora.spec.LoraSpec;
import dev.jlora.spec.ModelSpec;
import dev.jlora.spec.OptimizerSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spec.Precision;
import dev.jlora.spec.Problems;
import dev.jlora.spec.ScheduleSpec;
import dev.jlora.spec.Targets;
import dev.jlora.spec.TaskSpec;
import dev.jlora.spec.TrainingSpec;
import java.nio.file.Files;
import java.nio.file.Path;
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
      paramLabel = "TASK",
      description =
          "What to learn (default: image-classification for a model of images, else"
              + " sequence-classification).")
  private @Nullable String task;

  @Option(
      names = "--labels",
      paramLabel = "NAME",
      split = ",",
      description = "Label names in order; without it, those of the model or of the data.")
  private List<String> labels = List.of();

  @Option(
      names = "--problem",
      paramLabel = "KIND",
      description = "${COMPLETION-CANDIDATES}; else told by the labels.")
  private TaskSpec.@Nullable Problem problem;

  @Option(
      names = "--metrics",
      paramLabel = "NAME",
      split = ",",
      description = "What evaluations report; else the task's own.")
  private List<String> metrics = List.of();

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description = "fp32, bf16 or fp16 (default: fp32).")
  private Precision precision = Precision.FP32;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "Train on from a saved adapter, whose settings are taken over.")
  private @Nullable String start;

  @Option(names = "--full", description = "Train every weight; no adapter.")
  private boolean everyWeight;

  @ArgGroup(validate = false, heading = "Data:%n")
  private Data data = new Data();

  @ArgGroup(validate = false, heading = "Images:%n")
  private Images images = new Images();

  @ArgGroup(validate = false, heading = "Adapter:%n")
  private Lora lora = new Lora();

  @ArgGroup(validate = false, heading = "Training:%n")
  private TrainingOptions training = new TrainingOptions();

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
        paramLabel = "NAME",
        description = "jsonl, csv, tsv, imagefolder; else by the file's name.")
    private @Nullable String format;

    @Option(
        names = "--validation-format",
        paramLabel = "NAME",
        description = "The same for validation rows, where it is another.")
    private @Nullable String validationFormat;

    @Option(
        names = "--test-format",
        paramLabel = "NAME",
        description = "The same for test rows, where it is another.")
    private @Nullable String testFormat;

    @Option(
        names = "--delimiter",
        paramLabel = "CHAR",
        description = "Separates the cells of CSV; else told by the first line (, or ; or a tab).")
    private @Nullable String delimiter;

    @Option(
        names = "--text",
        paramLabel = "COLUMN",
        defaultValue = "text",
        description = "Column of the text.")
    private String text;

    @Option(names = "--text-pair", paramLabel = "COLUMN", description = "Column of a second text.")
    private @Nullable String textPair;

    @Option(
        names = "--label",
        paramLabel = "COLUMN",
        defaultValue = "label",
        description = "Column of the label.")
    private String label;

    @Option(
        names = "--label-lists",
        paramLabel = "HOW",
        description =
            "Several labels: lists name labels, or are flags, one value for each label"
                + " (${COMPLETION-CANDIDATES}); else told by the column.")
    private @Nullable LabelLists labelLists;

    @Option(
        names = "--tokens",
        paramLabel = "COLUMN",
        description = "Column of words, in place of a text.")
    private @Nullable String tokens;

    @Option(
        names = "--header",
        paramLabel = "COLUMN",
        split = ",",
        description = "Columns of a table without a header.")
    private List<String> header = List.of();

    @Option(names = "--max-length", paramLabel = "N", description = "Tokens a row is cut to.")
    private @Nullable Integer maxLength;

    @Option(names = "--no-truncation", description = "Refuse longer rows in place of cutting them.")
    private boolean noTruncation;

    @Option(
        names = "--doc-stride",
        paramLabel = "N",
        description = "question-answering: long contexts in windows that share so many tokens.")
    private @Nullable Integer docStride;

    @Option(
        names = "--no-packing",
        description = "causal-lm: one row is one example; else texts fill blocks of max length.")
    private boolean noPacking;

    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "Only the first so many training rows.")
    private @Nullable Integer limit;

    @Option(
        names = "--validation-limit",
        paramLabel = "N",
        description = "The same for validation rows.")
    private @Nullable Integer validationLimit;

    @Option(names = "--test-limit", paramLabel = "N", description = "The same for test rows.")
    private @Nullable Integer testLimit;

    @Option(
        names = "--padding",
        paramLabel = "HOW",
        description = "dynamic (to a batch's longest row, default) or max_length.")
    private @Nullable Padding padding;

    @Option(
        names = "--pad-to-multiple-of",
        paramLabel = "N",
        description = "Round padded lengths up.")
    private @Nullable Integer padToMultipleOf;

    @Option(
        names = "--no-group-by-length",
        description = "Shuffle rows freely, not with rows of their length.")
    private boolean mixedLengths;

    @Option(
        names = "--no-shuffle",
        description = "Take rows in the order of the file, in every epoch.")
    private boolean inOrder;

    @Option(names = "--only-labels", description = "Leave out rows with other labels.")
    private boolean onlyLabels;

    @Option(
        names = "--plain-chat",
        description =
            "Write conversations in jlora's own markers, although the model has a chat template.")
    private boolean plainChat;

    DataSpec.Builder spec(Images images) {
      DataSpec.Builder builder =
          DataSpec.builder()
              .header(header.toArray(String[]::new))
              .groupByLength(!mixedLengths)
              .shuffle(!inOrder);
      set(train, builder::train);
      set(validation, builder::validation);
      set(test, builder::test);
      set(format, builder::format);
      set(validationFormat, builder::validationFormat);
      set(testFormat, builder::testFormat);
      set(delimiter(delimiter), builder::delimiter);
      set(maxLength, builder::maxLength);
      set(docStride, builder::docStride);
      set(limit, builder::limit);
      builder.packing(!noPacking).truncation(!noTruncation);
      if (onlyLabels) {
        builder.onlyLabels();
      }
      if (plainChat) {
        builder.plainChat();
      }
      set(validationLimit, builder::validationLimit);
      set(testLimit, builder::testLimit);
      set(padding, builder::padding);
      set(padToMultipleOf, builder::padToMultipleOf);
      return builder
          .columns(
              new ColumnsSpec(
                  tokens == null ? text : null, textPair, label, tokens, images.image, labelLists))
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

    @Option(
        names = "--image-orientation",
        paramLabel = "HOW",
        description = "exif (default: photos upright by their EXIF tag) or stored.")
    private ImagesSpec.Orientation orientation = ImagesSpec.Orientation.EXIF;

    ImagesSpec spec() {
      return new ImagesSpec(
          size,
          randomCrop,
          flip,
          skipCorrupt ? ImagesSpec.Corrupt.SKIP : ImagesSpec.Corrupt.REFUSE,
          null,
          orientation);
    }
  }

  /** LoRA. */
  static final class Lora {
    @Option(names = "--rank", paramLabel = "N", description = "Default: 8.")
    private @Nullable Integer rank;

    @Option(names = "--alpha", paramLabel = "X", description = "Default: 8.")
    private @Nullable Double alpha;

    @Option(names = "--dropout", paramLabel = "X", description = "Default: 0.")
    private @Nullable Double dropout;

    @Option(
        names = "--targets",
        paramLabel = "WHICH",
        description = "Names with commas, a regular expression, or all-linear; else the family's.")
    private @Nullable String targets;

    @Option(
        names = "--exclude",
        paramLabel = "WHICH",
        description = "Targets to leave alone: names with commas, or a regular expression.")
    private @Nullable String exclude;

    @Option(
        names = "--bias",
        paramLabel = "WHICH",
        description = "none (default), all or lora_only.")
    private @Nullable Bias bias;

    @Option(
        names = "--modules-to-save",
        paramLabel = "NAME",
        split = ",",
        description = "Modules trained in full, beside the task's head.")
    private List<String> modulesToSave = List.of();

    @Option(names = "--rslora", description = "Scale by alpha / sqrt(rank).")
    private boolean rslora;

    @Option(
        names = "--ensure-weight-tying",
        description = "Train tied embeddings and output layer as one weight.")
    private boolean ensureWeightTying;

    LoraSpec spec() {
      LoraSpec.Builder builder =
          LoraSpec.builder().rslora(rslora).modulesToSave(modulesToSave.toArray(String[]::new));
      builder.ensureWeightTying(ensureWeightTying);
      set(rank, builder::rank);
      set(alpha, builder::alpha);
      set(dropout, builder::dropout);
      set(bias, builder::bias);
      if (targets != null) {
        builder.targets(targets(targets));
      }
      if (exclude != null) {
        builder.exclude(targets(exclude));
      }
      return builder.build();
    }
  }

  /**
   * The job that the options say; {@code model} must have been given.
   *
   * @throws dev.jlora.spec.SpecException with what is wrong
   */
  JobSpec spec() {
    Problems problems = Problems.in("job");
    ModelSpec modelSpec =
        problems.collect(() -> new ModelSpec(model == null ? "" : model, precision, null, start));
    TaskSpec taskSpec = problems.collect(() -> new TaskSpec(task(), labels, problem, metrics));
    LoraSpec loraSpec = everyWeight ? null : problems.collect(lora::spec);
    DataSpec dataSpec = problems.collect(() -> data.spec(images).build());
    OptimizerSpec optimizer = problems.collect(training::optimizerSpec);
    ScheduleSpec schedule = problems.collect(training::scheduleSpec);
    TrainingSpec trainingSpec = problems.collect(training::spec);
    problems.throwIfAny();
    return new JobSpec(modelSpec, taskSpec, loraSpec, dataSpec, optimizer, schedule, trainingSpec);
  }

  private String task() {
    boolean told = task != null || model == null || !Files.isDirectory(Path.of(model));
    if (told) {
      return task == null ? TaskSpec.SEQUENCE_CLASSIFICATION : task;
    }
    return new Engine(Plugins.load()).usualTask(Path.of(model));
  }

  /** A word or words with commas are names; anything else is a regular expression. */
  static Targets targets(String text) {
    return text.matches("[\\w.]+(,[\\w.]+)*") ? Targets.names(text.split(",")) : Targets.of(text);
  }

  /** A tab may be written as shells can. */
  static @Nullable String delimiter(@Nullable String typed) {
    return "\\t".equals(typed) || "tab".equals(typed) ? "\t" : typed;
  }

  static <T> void set(@Nullable T value, Consumer<T> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
