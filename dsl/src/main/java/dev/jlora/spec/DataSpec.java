package dev.jlora.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows to learn from and to be judged by.
 *
 * @param train the file to train on; null for a job that only evaluates
 * @param validation the file that evaluations during training use; null for none
 * @param test the file of the final evaluation; null for none
 * @param format a format that a plugin brings ({@code jsonl}, {@code csv}, {@code tsv}); null goes
 *     by the file's name
 * @param validationFormat the format of {@code validation}; null takes {@code format}, or what the
 *     file's name tells where it ends otherwise than that of {@code train}
 * @param testFormat the same for {@code test}
 * @param delimiter the character that separates the cells of CSV files; null is told by the first
 *     line
 * @param columns which column is what; default {@code text} and {@code label}
 * @param header the column names of a table that has no header line; empty where it has one
 * @param maxLength rows are cut to so many tokens; null takes as many as the model can
 * @param truncation whether longer rows are cut, or refused with an error that names the row;
 *     default true
 * @param docStride question answering: a context that is too long is looked at in windows that
 *     share so many tokens; null cuts it instead
 * @param padding default to the longest row of the batch
 * @param padToMultipleOf padded lengths are rounded up to a multiple of this, though not beyond
 *     what the model takes; default 8, because few different lengths are faster than many
 * @param groupByLength whether rows of similar length share a batch; default true
 * @param shuffle whether rows come in another order in each epoch; false takes them in the order of
 *     the file, whatever {@code groupByLength} says; default true
 * @param packing whether a causal language model's texts are joined and cut into blocks of {@code
 *     maxLength} tokens, or one row stays one example; default true, of no meaning to other tasks
 * @param trainLimit only the first so many rows of {@code train}; null for all
 * @param validationLimit the same for {@code validation}
 * @param testLimit the same for {@code test}
 * @param shuffleSeed the order of the rows; null takes the training seed
 * @param onlyLabels whether rows with another label than the task's are left out instead of
 *     refused; default false
 * @param plainChat whether conversations are written in jlora's own markers where the model has a
 *     chat template of its own, which jlora does not read yet; default false, which refuses them
 * @param images what is done to images; default nothing beside the model's own preprocessing
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
            "train: got no file at all, expected one of data.train, data.validation and data.test")
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

  private static boolean isLimit(@Nullable Integer limit) {
    return limit == null || limit > 0;
  }

  @Override
  public String toString() {
    return json();
  }

  /** The values of absent keys, files aside. */
  static DataSpec prototype() {
    return builder().train("none").build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that starts from this spec. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Collects the fields; {@link #build} checks them. */
  public static final class Builder {
    private @Nullable String train;
    private @Nullable String validation;
    private @Nullable String test;
    private @Nullable String format;
    private @Nullable String validationFormat;
    private @Nullable String testFormat;
    private @Nullable String delimiter;
    private ColumnsSpec columns = ColumnsSpec.defaults();
    private List<String> header = List.of();
    private @Nullable Integer maxLength;
    private boolean truncation = true;
    private @Nullable Integer docStride;
    private Padding padding = Padding.DYNAMIC;
    private int padToMultipleOf = 8;
    private boolean groupByLength = true;
    private boolean shuffle = true;
    private boolean packing = true;
    private @Nullable Integer trainLimit;
    private @Nullable Integer validationLimit;
    private @Nullable Integer testLimit;
    private @Nullable Long shuffleSeed;
    private boolean onlyLabels;
    private boolean plainChat;
    private ImagesSpec images = ImagesSpec.defaults();

    private Builder() {}

    private Builder(DataSpec from) {
      train = from.train;
      validation = from.validation;
      test = from.test;
      format = from.format;
      validationFormat = from.validationFormat;
      testFormat = from.testFormat;
      delimiter = from.delimiter;
      columns = from.columns;
      header = from.header;
      maxLength = from.maxLength;
      truncation = from.truncation;
      docStride = from.docStride;
      padding = from.padding;
      padToMultipleOf = from.padToMultipleOf;
      groupByLength = from.groupByLength;
      shuffle = from.shuffle;
      packing = from.packing;
      trainLimit = from.trainLimit;
      validationLimit = from.validationLimit;
      testLimit = from.testLimit;
      shuffleSeed = from.shuffleSeed;
      onlyLabels = from.onlyLabels;
      plainChat = from.plainChat;
      images = from.images;
    }

    public Builder train(String file) {
      this.train = file;
      return this;
    }

    public Builder validation(String file) {
      this.validation = file;
      return this;
    }

    public Builder test(String file) {
      this.test = file;
      return this;
    }

    public Builder format(String name) {
      this.format = name;
      return this;
    }

    /** The format of the validation file, where its name does not tell. */
    public Builder validationFormat(String name) {
      this.validationFormat = name;
      return this;
    }

    /** The format of the test file, where its name does not tell. */
    public Builder testFormat(@Nullable String name) {
      this.testFormat = name;
      return this;
    }

    /** The character that separates the cells of CSV files. */
    public Builder delimiter(String character) {
      this.delimiter = character;
      return this;
    }

    public Builder columns(ColumnsSpec columns) {
      this.columns = columns;
      return this;
    }

    /** The column of the text. */
    public Builder text(String column) {
      return columns(
          new ColumnsSpec(
              column,
              columns.textPair(),
              columns.label(),
              columns.tokens(),
              columns.image(),
              columns.labelLists()));
    }

    /** The column of the second text. */
    public Builder textPair(String column) {
      return columns(
          new ColumnsSpec(
              columns.text(),
              column,
              columns.label(),
              columns.tokens(),
              columns.image(),
              columns.labelLists()));
    }

    /** The column of the label. */
    public Builder label(String column) {
      return columns(
          new ColumnsSpec(
              columns.text(),
              columns.textPair(),
              column,
              columns.tokens(),
              columns.image(),
              columns.labelLists()));
    }

    /** How lists in the label column are written; else decided from the column. */
    public Builder labelLists(LabelLists lists) {
      return columns(columns.withLabelLists(lists));
    }

    /** The column of the words, in place of a text. */
    public Builder tokens(String column) {
      return columns(
          new ColumnsSpec(null, null, columns.label(), column, null, columns.labelLists()));
    }

    /** The column of the images' paths. */
    public Builder image(String column) {
      return columns(
          new ColumnsSpec(
              columns.text(),
              columns.textPair(),
              columns.label(),
              columns.tokens(),
              column,
              columns.labelLists()));
    }

    /** What is done to images. */
    public Builder images(ImagesSpec images) {
      this.images = images;
      return this;
    }

    /** Leaves out rows with another label than the task's. */
    public Builder onlyLabels() {
      this.onlyLabels = true;
      return this;
    }

    /** Writes conversations in jlora's own markers even where the model has a chat template. */
    public Builder plainChat() {
      this.plainChat = true;
      return this;
    }

    /** The column names of a table without a header line. */
    public Builder header(String... names) {
      this.header = List.of(names);
      return this;
    }

    public Builder maxLength(int tokens) {
      this.maxLength = tokens;
      return this;
    }

    /** Whether longer rows are cut; without it they are errors. */
    public Builder truncation(boolean cut) {
      this.truncation = cut;
      return this;
    }

    /** Looks at contexts that are too long in windows that share so many tokens. */
    public Builder docStride(int tokens) {
      this.docStride = tokens;
      return this;
    }

    public Builder padding(Padding padding) {
      this.padding = padding;
      return this;
    }

    public Builder padToMultipleOf(int tokens) {
      this.padToMultipleOf = tokens;
      return this;
    }

    public Builder groupByLength(boolean group) {
      this.groupByLength = group;
      return this;
    }

    /** Whether rows come in another order in each epoch, or in that of the file. */
    public Builder shuffle(boolean anew) {
      this.shuffle = anew;
      return this;
    }

    /** Takes the rows in the order of the file. */
    public Builder noShuffle() {
      return shuffle(false);
    }

    /** Whether texts for a causal language model are joined and cut into blocks. */
    public Builder packing(boolean pack) {
      this.packing = pack;
      return this;
    }

    /** The first so many rows of the training file. */
    public Builder limit(int rows) {
      this.trainLimit = rows;
      return this;
    }

    public Builder validationLimit(int rows) {
      this.validationLimit = rows;
      return this;
    }

    public Builder testLimit(int rows) {
      this.testLimit = rows;
      return this;
    }

    public Builder shuffleSeed(long seed) {
      this.shuffleSeed = seed;
      return this;
    }

    /**
     * @throws SpecException with everything that is wrong
     */
    public DataSpec build() {
      return new DataSpec(
          train,
          validation,
          test,
          format,
          validationFormat,
          testFormat,
          delimiter,
          columns,
          header,
          maxLength,
          truncation,
          docStride,
          padding,
          padToMultipleOf,
          groupByLength,
          shuffle,
          packing,
          trainLimit,
          validationLimit,
          testLimit,
          shuffleSeed,
          onlyLabels,
          plainChat,
          images);
    }
  }
}
