package dev.jlora.spec;

import org.jspecify.annotations.Nullable;

/**
 * What is done to images beside what the model's preprocessor_config.json says.
 *
 * @param size height and width in pixels, in place of the model's own; null for those
 * @param randomCrop the least share of an image's area that a random crop keeps, in training; null
 *     for no crop (torchvision's usual value is 0.08)
 * @param flip whether every other image is mirrored, in training; default false
 * @param corrupt whether an image that cannot be read ends the work or is skipped; default refuse
 * @param threads that decode and resize; null takes half the processors
 * @param orientation whether the EXIF orientation of a photo is applied; default exif
 */
public record ImagesSpec(
    @Nullable Integer size,
    @Nullable Double randomCrop,
    boolean flip,
    Corrupt corrupt,
    @Nullable Integer threads,
    Orientation orientation)
    implements Spec {

  /** What becomes of an image that cannot be read. */
  public enum Corrupt {
    REFUSE,
    SKIP
  }

  /** Which way up a photo with an EXIF orientation is seen. */
  public enum Orientation {
    /** Turned and mirrored as the tag says, as photo viewers, datasets and pipelines show it. */
    EXIF,
    /** As its pixels are stored, as transformers' image processors alone take it. */
    STORED
  }

  /** Above this, resized images would not fit into any memory. */
  static final int LARGEST = 16_384;

  public ImagesSpec {
    Problems.in("data.images")
        .unless(
            size == null || (size > 0 && size <= LARGEST),
            "size: got %s, expected 1 to %d pixels",
            size,
            LARGEST)
        .unless(
            randomCrop == null || (randomCrop > 0 && randomCrop <= 1),
            "random_crop: got %s, expected a share of the area, more than 0 and at most 1",
            randomCrop)
        .unless(threads == null || threads > 0, "threads: got %s, expected 1 or more", threads)
        .throwIfAny();
  }

  public static ImagesSpec defaults() {
    return new ImagesSpec(null, null, false, Corrupt.REFUSE, null, Orientation.EXIF);
  }

  /** The same with random crops of at least this share of an image's area. */
  public ImagesSpec withRandomCrop(double smallest) {
    return new ImagesSpec(size, smallest, flip, corrupt, threads, orientation);
  }

  /** The same with every other image mirrored. */
  public ImagesSpec withFlip() {
    return new ImagesSpec(size, randomCrop, true, corrupt, threads, orientation);
  }

  /** The same with unreadable images skipped, and counted. */
  public ImagesSpec skippingCorrupt() {
    return new ImagesSpec(size, randomCrop, flip, Corrupt.SKIP, threads, orientation);
  }

  /** The same at another size. */
  public ImagesSpec withSize(int pixels) {
    return new ImagesSpec(pixels, randomCrop, flip, corrupt, threads, orientation);
  }

  /** The same with photos upright by their EXIF orientation, or as they are stored. */
  public ImagesSpec withOrientation(Orientation orientation) {
    return new ImagesSpec(size, randomCrop, flip, corrupt, threads, orientation);
  }

  @Override
  public String toString() {
    return json();
  }
}
