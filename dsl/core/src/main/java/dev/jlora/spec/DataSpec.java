package dev.jlora.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The datasets of a job, and how their rows are read and batched.
 *
 * @param train the training file; null for a job that only evaluates
 * @param validation the file for evaluations during training; null for none
 * @param test the file for the final evaluation; null for none
 * @param format a format contributed by a plugin ({@code jsonl}, {@code csv}, {@code tsv}); null
 *     detects it from the file name
 * @param validationFormat the format of {@code validation}; null uses {@code format}, or the file
 *     name if its ending differs from that of {@code train}
 * @param testFormat the format of {@code test}, with the default of {@code validationFormat}
 * @param delimiter the delimiter of CSV files; null detects it from the first line
 * @param columns the columns; default {@code text} and {@code label}
 * @param header the column names of a table without a header line; empty if it has one
 * @param maxLength maximum number of tokens of a row; null uses the model's maximum
 * @param truncation whether longer rows are truncated, or rejected with an error that names the
 *     row; default true
 * @param docStride question answering: splits a long context into windows that overlap by this many
 *     tokens; null truncates it instead
 * @param padding by default to the longest row of the batch
 * @param padToMultipleOf padded lengths are rounded up to a multiple of this, within the model's
 *     maximum; default 8, because few different lengths are faster than many
 * @param groupByLength whether rows of similar length share a batch; default true
 * @param shuffle whether rows are shuffled in each epoch; false takes them in the order of the
 *     file, regardless of {@code groupByLength}; default true
 * @param packing whether texts of a causal language model are joined and cut into blocks of {@code
 *     maxLength} tokens, or one row is one example; default true, ignored by other tasks
 * @param trainLimit maximum number of rows of {@code train}; null for all
 * @param validationLimit maximum number of rows of {@code validation}; null for all
 * @param testLimit maximum number of rows of {@code test}; null for all
 * @param shuffleSeed seed for shuffling; null uses the training seed
 * @param onlyLabels whether rows with a label that is not among the task's are dropped instead of
 *     rejected; default false
 * @param plainChat whether conversations are written with jlora's own markers if the model has a
 *     chat template, which jlora does not apply yet; default false, which rejects them
 * @param images processing of images; default: the model's own preprocessing
 */
public record DataSpec(
    @Nullable String train,
    @Nullable String validation,
    @Nullable String test,
    @Nullable String format,
    @Nullable String validationFormat,
    @Nullable String testFormat,
    @Nullable String delimiter,
    ColumnsSpec columns,
    List<String> header,
    @Nullable Integer maxLength,
    boolean truncation,
    @Nullable Integer docStride,
    Padding padding,
    int padToMultipleOf,
    boolean groupByLength,
    boolean shuffle,
    boolean packing,
    @Nullable Integer trainLimit,
    @Nullable Integer validationLimit,
    @Nullable Integer testLimit,
    @Nullable Long shuffleSeed,
    boolean onlyLabels,
    boolean plainChat,
    ImagesSpec images)
    implements Spec {

  public DataSpec {
    header = List.copyOf(header);
    Problems.in("data")
        .unless(
            train != null || validation != null || test != null,
            "train: got none, expected one of data.train, data.validation and data.test")
        .unless(isNamed(train), "train: got a blank text, expected a file of rows")
        .unlessPath("train", train)
        .unless(isNamed(validation), "validation: got a blank text, expected a file of rows")
        .unlessPath("validation", validation)
        .unless(isNamed(test), "test: got a blank text, expected a file of rows")
        .unlessPath("test", test)
        .unless(
            delimiter == null || (delimiter.length() == 1 && !"\"\r\n".contains(delimiter)),
            "delimiter: got '%s', expected one character, such as ;",
            delimiter)
        .unless(
            maxLength == null || maxLength >= 3,
            "max_length: got %s, expected 3 or more tokens (two of them are special)",
            maxLength)
        .unless(
            docStride == null || docStride >= 0,
            "doc_stride: got %s, expected 0 or more",
            docStride)
        .unless(
            padToMultipleOf > 0, "pad_to_multiple_of: got %d, expected 1 or more", padToMultipleOf)
        .unless(
            padding != Padding.MAX_LENGTH || maxLength != null,
            "padding: got max_length without data.max_length, expected both")
        .unless(isLimit(trainLimit), "train_limit: got %s, expected 1 or more rows", trainLimit)
        .unless(
            isLimit(validationLimit),
            "validation_limit: got %s, expected 1 or more rows",
            validationLimit)
        .unless(isLimit(testLimit), "test_limit: got %s, expected 1 or more rows", testLimit)
        .throwIfAny();
  }

  private static boolean isNamed(@Nullable String file) {
    return file == null || !file.isBlank();
  }

  private static boolean isLimit(@Nullable Integer limit) {
    return limit == null || limit > 0;
  }

  @Override
  public String toString() {
    return json();
  }

  /** Default values, without files. */
  static DataSpec prototype() {
    return new DataSpec(
        "none",
        null,
        null,
        null,
        null,
        null,
        null,
        ColumnsSpec.defaults(),
        List.of(),
        null,
        true,
        null,
        Padding.DYNAMIC,
        8,
        true,
        true,
        true,
        null,
        null,
        null,
        null,
        false,
        false,
        ImagesSpec.defaults());
  }

  public static Builder builder() {
    return new Builder(PartialSpec.of(DataSpec.class), PartialSpec.of(ColumnsSpec.class));
  }

  /** A builder initialized with this spec. */
  public Builder toBuilder() {
    return new Builder(
        PartialSpec.of(DataSpec.class).over(this), PartialSpec.of(ColumnsSpec.class).over(columns));
  }

  /**
   * Collects settings; {@link #build} validates them. Immutable: every method returns a new
   * builder. The order of calls does not matter, except that a later call replaces an earlier one
   * of the same method.
   */
  public static final class Builder {
    private final PartialSpec<DataSpec> partial;
    private final PartialSpec<ColumnsSpec> columns;

    private Builder(PartialSpec<DataSpec> partial, PartialSpec<ColumnsSpec> columns) {
      this.partial = partial;
      this.columns = columns;
    }

    private Builder with(String component, @Nullable Object value) {
      return new Builder(partial.with(component, value), columns);
    }

    private Builder column(String component, Object value) {
      return new Builder(partial, columns.with(component, value));
    }

    public Builder train(String file) {
      return with("train", file);
    }

    public Builder validation(String file) {
      return with("validation", file);
    }

    public Builder test(String file) {
      return with("test", file);
    }

    public Builder format(String name) {
      return with("format", name);
    }

    /** The format of the validation file, if its name does not tell. */
    public Builder validationFormat(String name) {
      return with("validationFormat", name);
    }

    /** The format of the test file, if its name does not tell. */
    public Builder testFormat(@Nullable String name) {
      return with("testFormat", name);
    }

    /** The delimiter of CSV files. */
    public Builder delimiter(String character) {
      return with("delimiter", character);
    }

    public Builder columns(ColumnsSpec columns) {
      return new Builder(partial, this.columns.over(columns));
    }

    /** The column of the text. */
    public Builder text(String column) {
      return column("text", column);
    }

    /** The column of the second text. */
    public Builder textPair(String column) {
      return column("textPair", column);
    }

    /** The column of the label. */
    public Builder label(String column) {
      return column("label", column);
    }

    /** The notation of lists in the label column; by default decided from the column. */
    public Builder labelLists(LabelLists lists) {
      return column("labelLists", lists);
    }

    /** The column of the words, instead of a text. */
    public Builder tokens(String column) {
      return column("tokens", column);
    }

    /** The column of the image paths. */
    public Builder image(String column) {
      return column("image", column);
    }

    /** The processing of images. */
    public Builder images(ImagesSpec images) {
      return with("images", images);
    }

    /** Drops rows with a label that is not among the task's. */
    public Builder onlyLabels() {
      return with("onlyLabels", true);
    }

    /** Writes conversations with jlora's own markers even if the model has a chat template. */
    public Builder plainChat() {
      return with("plainChat", true);
    }

    /** Whether rows are shuffled in each epoch, or taken in the order of the file. */
    public Builder shuffle(boolean anew) {
      return with("shuffle", anew);
    }

    /** Takes the rows in the order of the file. */
    public Builder noShuffle() {
      return shuffle(false);
    }

    /** The column names of a table without a header line. */
    public Builder header(String... names) {
      return with("header", List.of(names));
    }

    public Builder maxLength(int tokens) {
      return with("maxLength", tokens);
    }

    /** Whether longer rows are truncated; otherwise they are errors. */
    public Builder truncation(boolean cut) {
      return with("truncation", cut);
    }

    /** Splits long contexts into windows that overlap by this many tokens. */
    public Builder docStride(int tokens) {
      return with("docStride", tokens);
    }

    public Builder padding(Padding padding) {
      return with("padding", padding);
    }

    public Builder padToMultipleOf(int tokens) {
      return with("padToMultipleOf", tokens);
    }

    public Builder groupByLength(boolean group) {
      return with("groupByLength", group);
    }

    /** Whether texts for a causal language model are joined and cut into blocks. */
    public Builder packing(boolean pack) {
      return with("packing", pack);
    }

    /** Maximum number of training rows. */
    public Builder limit(int rows) {
      return with("trainLimit", rows);
    }

    public Builder validationLimit(int rows) {
      return with("validationLimit", rows);
    }

    public Builder testLimit(int rows) {
      return with("testLimit", rows);
    }

    public Builder shuffleSeed(long seed) {
      return with("shuffleSeed", seed);
    }

    /**
     * @throws SpecException listing all problems
     */
    public DataSpec build() {
      return whole().build();
    }

    @Override
    public String toString() {
      return whole().toString();
    }

    /** Completes the columns: words replace a text, unless both were given. */
    private PartialSpec<DataSpec> whole() {
      boolean words = columns.has("tokens") && !columns.has("text");
      PartialSpec<ColumnsSpec> settled = words ? columns.with("text", null) : columns;
      if (columns.has("text") && !columns.has("tokens")) {
        settled = settled.with("tokens", null);
      }
      if (words && !columns.has("textPair")) {
        settled = settled.with("textPair", null);
      }
      return partial.with("columns", settled);
    }
  }
}
