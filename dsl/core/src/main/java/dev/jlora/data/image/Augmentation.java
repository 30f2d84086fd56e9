package dev.jlora.data.image;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Random augmentation of training images. It depends only on the seed, the epoch and the row, so
 * that a resumed run sees the same images.
 *
 * @param smallestCrop minimum share of an image's area that a random crop keeps; null for no crop
 * @param flip whether images are mirrored with probability 1/2
 */
public record Augmentation(@Nullable Double smallestCrop, boolean flip, long seed) {
  public static final Augmentation NONE = new Augmentation(null, false, 0);

  private static final int TRIES = 10;
  private static final double WIDEST = Math.log(4.0 / 3);

  /** The augmentation of one row in one epoch. */
  public Draw draw(int epoch, int row) {
    long mixed = (seed * 0x9E3779B97F4A7C15L ^ epoch) * 0xBF58476D1CE4E5B9L;
    return new Draw(this, new SplittableRandom((mixed ^ (mixed >>> 29)) + row));
  }

  /** Draws crop and flip, in this order, once each. */
  public static final class Draw {
    private final Augmentation options;
    private final SplittableRandom random;

    private Draw(Augmentation options, SplittableRandom random) {
      this.options = options;
      this.random = random;
    }

    /**
     * A part of random area and aspect ratio (from 3:4 to 4:3), like torchvision's
     * RandomResizedCrop; the whole picture without cropping, or if no part was found.
     */
    Picture crop(Picture picture) {
      if (options.smallestCrop == null) {
        return picture;
      }
      double area = (double) picture.width() * picture.height();
      for (int i = 0; i < TRIES; i++) {
        double share = options.smallestCrop + random.nextDouble() * (1 - options.smallestCrop);
        double ratio = Math.exp((2 * random.nextDouble() - 1) * WIDEST);
        int width = (int) Math.round(Math.sqrt(area * share * ratio));
        int height = (int) Math.round(Math.sqrt(area * share / ratio));
        if (width > 0 && height > 0 && width <= picture.width() && height <= picture.height()) {
          int x = random.nextInt(picture.width() - width + 1);
          int y = random.nextInt(picture.height() - height + 1);
          return picture.crop(x, y, width, height);
        }
      }
      return picture;
    }

    boolean flips() {
      return options.flip && random.nextBoolean();
    }
  }
}
