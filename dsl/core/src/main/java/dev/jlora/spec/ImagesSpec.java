package dev.jlora.spec;

import org.jspecify.annotations.Nullable;

/**
 * Processing of images in addition to the model's preprocessor_config.json.
 *
 * @param size height and width in pixels, replacing the model's; null keeps those
 * @param randomCrop minimum share of an image's area that a random crop keeps, in training; null
 *     for no crop (torchvision's usual value is 0.08)
 * @param flip whether training images are mirrored with probability 1/2; default false
 * @param corrupt whether an unreadable image is an error or is skipped; default refuse
 * @param threads that decode and resize; null uses half the processors
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

  /** Treatment of unreadable images. */
  public enum Corrupt {
    REFUSE,
    SKIP
  }

  /** Treatment of a photo's EXIF orientation. */
  public enum Orientation {
    /** Rotates and mirrors as the tag says, like photo viewers, datasets and pipelines. */
    EXIF,
    /** Keeps pixels as stored, like transformers' image processors by themselves. */
    STORED
  }

  /** Upper limit: larger images would not fit into memory. */
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

  /** A copy with random crops of at least this share of an image's area. */
  public ImagesSpec withRandomCrop(double smallest) {
    return new ImagesSpec(size, smallest, flip, corrupt, threads, orientation);
  }

  /** A copy that mirrors images with probability 1/2. */
  public ImagesSpec withFlip() {
    return new ImagesSpec(size, randomCrop, true, corrupt, threads, orientation);
  }

  /** A copy that skips and counts unreadable images. */
  public ImagesSpec skippingCorrupt() {
    return new ImagesSpec(size, randomCrop, flip, Corrupt.SKIP, threads, orientation);
  }

  /** A copy with another size. */
  public ImagesSpec withSize(int pixels) {
    return new ImagesSpec(pixels, randomCrop, flip, corrupt, threads, orientation);
  }

  /** A copy with another treatment of the EXIF orientation. */
  public ImagesSpec withOrientation(Orientation orientation) {
    return new ImagesSpec(size, randomCrop, flip, corrupt, threads, orientation);
  }

  @Override
  public String toString() {
    return json();
  }
}
