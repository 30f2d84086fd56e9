package dev.jlora.data;

import dev.jlora.data.image.Augmentation;
import dev.jlora.data.image.ImageFiles;
import dev.jlora.data.image.ImageProcessor;
import dev.jlora.data.image.Picture;
import dev.jlora.io.FormatException;
import dev.jlora.io.TooLargeException;
import dev.jlora.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Reads, decodes and resizes the images of a batch on low-priority threads: {@code pixel_values}
 * FLOAT32 [rows, 3, height, width], and {@code labels} INT64 [rows] for classes. Images are not
 * kept, so that a dataset may be larger than the memory.
 */
public final class ImageCollator implements Collator {
  private final ImageProcessor processor;
  private final Augmentation augmentation;
  private final boolean upright;
  private final boolean skip;
  private final int threads;
  private final Set<Path> skipped = ConcurrentHashMap.newKeySet();

  /**
   * @param upright whether to apply the images' EXIF orientation
   * @param skip whether an unreadable image is left out of its batch, with a warning; otherwise it
   *     is an error
   * @param threads number of threads per batch
   */
  public ImageCollator(
      ImageProcessor processor,
      Augmentation augmentation,
      boolean upright,
      boolean skip,
      int threads) {
    this.processor = processor;
    this.augmentation = augmentation;
    this.upright = upright;
    this.skip = skip;
    this.threads = threads;
  }

  /** Number of different images skipped so far. */
  public int skipped() {
    return skipped.size();
  }

  /**
   * A batch of the examples whose images can be read.
   *
   * @throws FormatException naming the image, if one cannot be read and is not to be skipped, or if
   *     none is left
   * @throws dev.jlora.io.TooLargeException naming an image that does not fit into memory; such
   *     images are never skipped
   */
  @Override
  public HostBatch collate(List<Example> examples, BatchRows rows) {
    List<float[]> pixels = decode(examples, rows);
    List<Example> good = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    int[] goodRows = new int[examples.size()];
    for (int i = 0; i < examples.size(); i++) {
      if (pixels.get(i) != null) {
        goodRows[good.size()] = rows.rows()[i];
        good.add(examples.get(i));
        values.add(pixels.get(i));
      }
    }
    if (good.isEmpty()) {
      throw new FormatException(
          examples.getFirst().where(),
          "is in a batch of %d images, none of which can be read.".formatted(examples.size()),
          "Check the files.");
    }
    BatchRows kept =
        new BatchRows(
            rows.epoch(),
            rows.index(),
            java.util.Arrays.copyOf(goodRows, good.size()),
            rows.lastOfEpoch());
    return batch(good, values, kept);
  }

  private HostBatch batch(List<Example> examples, List<float[]> pixels, BatchRows rows) {
    HostBatch batch = new HostBatch(rows, examples.size());
    try {
      int height = processor.height();
      int width = processor.width();
      MemorySegment memory =
          batch.add("pixel_values", DType.FLOAT32, pixels.size(), 3, height, width);
      long bytes = (long) pixels.getFirst().length * Float.BYTES;
      for (int i = 0; i < pixels.size(); i++) {
        float[] values = pixels.get(i);
        MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, i * bytes, values.length);
      }
      addLabels(batch, examples);
      return batch;
    } catch (RuntimeException e) {
      batch.close();
      throw e;
    }
  }

  private static void addLabels(HostBatch batch, List<Example> examples) {
    if (examples.getFirst().target() instanceof Target.None) {
      return;
    }
    MemorySegment labels = batch.add("labels", DType.INT64, examples.size());
    for (int i = 0; i < examples.size(); i++) {
      if (!(examples.get(i).target() instanceof Target.ClassId(int id))) {
        throw new IllegalArgumentException(
            "%s: got %s, expected one class for an image"
                .formatted(examples.get(i).where(), examples.get(i).target()));
      }
      labels.setAtIndex(ValueLayout.JAVA_LONG, i, id);
    }
  }

  /** The values of each image, null if it is skipped. */
  private List<float[]> decode(List<Example> examples, BatchRows rows) {
    try (ImageFiles files = new ImageFiles(upright);
        ExecutorService workers =
            Executors.newFixedThreadPool(
                Math.min(threads, examples.size()),
                task ->
                    Thread.ofPlatform().daemon().name("jlora-images").unstarted(gently(task)))) {
      List<Future<float[]>> futures = new ArrayList<>();
      for (int i = 0; i < examples.size(); i++) {
        Example example = examples.get(i);
        int row = rows.rows()[i];
        futures.add(workers.submit(() -> pixels(files, example, rows.epoch(), row)));
      }
      return results(futures, workers);
    }
  }

  private static Runnable gently(Runnable task) {
    return () -> {
      ThreadPriority.lower();
      task.run();
    };
  }

  private static List<float[]> results(List<Future<float[]>> futures, ExecutorService workers) {
    List<float[]> results = new ArrayList<>();
    try {
      for (Future<float[]> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while reading images");
    } catch (ExecutionException e) {
      workers.shutdownNow();
      switch (e.getCause()) {
        case RuntimeException problem -> throw problem;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  private float @Nullable [] pixels(ImageFiles files, Example example, int epoch, int row) {
    Path image =
        Objects.requireNonNull(
            example.image(), () -> example.where() + " is text, expected an image");
    Picture picture;
    try {
      picture = files.read(image);
    } catch (FormatException e) {
      if (!skip) {
        throw e;
      }
      if (skipped.add(image)) {
        LoggerFactory.getLogger(ImageCollator.class)
            .warn("skipped {} image(s) so far; now {}", skipped.size(), e.getMessage());
      }
      return null;
    }
    try {
      return augmentation.equals(Augmentation.NONE)
          ? processor.pixels(picture)
          : processor.pixels(picture, augmentation.draw(epoch, row));
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          image.toString(), e.getMessage() + ".", "Drop it, or change its size.", e);
    } catch (OutOfMemoryError e) {
      throw new TooLargeException(
          image,
          "has %,d x %,d pixels, too many to be resized in Java's heap of %,d MiB."
              .formatted(picture.width(), picture.height(), Runtime.getRuntime().maxMemory() >> 20),
          "Scale it down or drop it, or give Java more memory: JLORA_OPTS=-Xmx8g.",
          e);
    }
  }
}
