package dev.jlora.engine.jobs;

import dev.jlora.data.Collator;
import dev.jlora.data.Dataset;
import dev.jlora.data.Examples;
import dev.jlora.data.ImageCollator;
import dev.jlora.data.PaddingCollator;
import dev.jlora.data.TextEncoder;
import dev.jlora.data.TextOptions;
import dev.jlora.data.image.Augmentation;
import dev.jlora.data.image.ImageProcessor;
import dev.jlora.spec.DataSpec;
import dev.jlora.spec.ImagesSpec;
import dev.jlora.spec.Padding;
import dev.jlora.spi.EncodingMode;
import dev.jlora.spi.ImageTask;
import org.jspecify.annotations.Nullable;

/** Encodes the rows of a job to examples, and collates examples to batches. Owns the tokenizer. */
public final class JobEncoding implements AutoCloseable {
  private final ResolvedJob work;
  private final @Nullable TextEncoder text;

  private JobEncoding(ResolvedJob work, @Nullable TextEncoder text) {
    this.work = work;
    this.text = text;
  }

  /** Opens the tokenizer of the job's model; image tasks have none. */
  public static JobEncoding open(ResolvedJob work) {
    return new JobEncoding(work, work.task() instanceof ImageTask ? null : tokenizer(work));
  }

  private static TextEncoder tokenizer(ResolvedJob work) {
    DataSpec data = work.job().data();
    TextOptions options = work.task().textOptions();
    if (data.maxLength() != null) {
      options = options.withMaxLength(data.maxLength());
    }
    options = options.withPlainChat(data.plainChat());
    return ModelText.open(
        work.folder(),
        work.config(),
        data.truncation() ? options : options.withoutTruncation(),
        work.maxTokens());
  }

  /** The tokenizer; null for an image task. */
  public @Nullable TextEncoder text() {
    return text;
  }

  /** The rows as examples, encoded on access. */
  public Examples examples(Dataset rows, EncodingMode purpose) {
    DataSpec data = work.job().data();
    Dataset arranged =
        purpose.labelled() && text != null ? work.task().arrange(rows, text, data) : rows;
    return new Examples(
        arranged, work.task().encoder(work.config(), text, data.columns(), purpose));
  }

  /** The collator for training, including random steps such as masking and augmentation. */
  public Collator trainingCollator() {
    ImagesSpec images = work.job().data().images();
    long seed = work.job().training().seed();
    return text == null
        ? images(new Augmentation(images.randomCrop(), images.flip(), seed))
        : collator(seed);
  }

  /** The collator for evaluation, which applies the task's processing deterministically. */
  public Collator collator() {
    return collator(0);
  }

  private Collator collator(long seed) {
    Collator padding = padding();
    return text == null ? padding : work.task().collator(padding, text, seed);
  }

  /** A collator that only pads. */
  public Collator padding() {
    if (text == null) {
      return images(Augmentation.NONE);
    }
    DataSpec data = work.job().data();
    var padding =
        PaddingCollator.Padding.longest(
                text.padId(), work.architecture().inputs().contains("token_type_ids"))
            .withMultipleOf(data.padToMultipleOf())
            .withLimit((int) work.maxTokens());
    boolean fixed = data.padding() == Padding.MAX_LENGTH && data.maxLength() != null;
    return new PaddingCollator(fixed ? padding.withLength(data.maxLength()) : padding);
  }

  private Collator images(Augmentation augmentation) {
    ImagesSpec images = work.job().data().images();
    ImageProcessor processor = ImageProcessor.of(work.folder().path());
    Integer threads = images.threads();
    return new ImageCollator(
        images.size() == null ? processor : processor.withSize(images.size()),
        augmentation,
        images.orientation() == ImagesSpec.Orientation.EXIF,
        images.corrupt() == ImagesSpec.Corrupt.SKIP,
        threads == null ? Math.ceilDiv(Runtime.getRuntime().availableProcessors(), 2) : threads);
  }

  /** Closes the tokenizer. */
  @Override
  public void close() {
    if (text != null) {
      text.close();
    }
  }
}
