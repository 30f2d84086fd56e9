package dev.jlora.data.image;

/** A resampling filter of PIL; {@link #NEAREST} selects one pixel without weights. */
enum Filter {
  NEAREST(0),
  LANCZOS(3) {
    @Override
    double weight(double x) {
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  },
  BILINEAR(1) {
    @Override
    double weight(double x) {
      double distance = Math.abs(x);
      return distance < 1 ? 1 - distance : 0;
    }
  },
  BICUBIC(2) {
    @Override
    double weight(double x) {
      double a = -0.5;
      double distance = Math.abs(x);
      if (distance < 1) {
        return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
      }
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0;
    }
  },
  BOX(0.5) {
    @Override
    double weight(double x) {
      return -0.5 < x && x <= 0.5 ? 1 : 0;
    }
  },
  HAMMING(1) {
    @Override
    double weight(double x) {
      double distance = Math.abs(x);
      if (distance == 0) {
        return 1;
      }
      if (distance >= 1) {
        return 0;
      }
      double angle = distance * Math.PI;
      return Math.sin(angle) / angle * (0.54f + 0.46f * Math.cos(angle)); // floats, as in PIL
    }
  };

  /** Radius in pixels of the smaller image. */
  private final double support;

  Filter(double support) {
    this.support = support;
  }

  double support() {
    return support;
  }

  /** The weight at distance {@code x}. */
  double weight(double x) {
    throw new UnsupportedOperationException(this + " weighs no pixels");
  }

  /**
   * The filter for the number in {@code resample} of a preprocessor_config.json; null if there is
   * none.
   */
  static @org.jspecify.annotations.Nullable Filter of(int resample) {
    return resample >= 0 && resample < values().length ? values()[resample] : null;
  }

  private static double sinc(double x) {
    double angle = x * Math.PI;
    return x == 0 ? 1 : Math.sin(angle) / angle;
  }
}
