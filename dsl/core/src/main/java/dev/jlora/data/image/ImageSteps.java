package dev.jlora.data.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jlora.io.FormatException;
import dev.jlora.io.ModelConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a {@code preprocessor_config.json}, validated.
 *
 * @param resize to a size; null for none
 * @param filter for resizing
 * @param centerCrop whether to crop the centre to the output's size
 * @param output size of the result
 * @param factor of every 8-bit value
 * @param mean of each channel, subtracted from it
 * @param std of each channel, which it is divided by
 */
record ImageSteps(
    @Nullable Resizing resize,
    Filter filter,
    boolean centerCrop,
    Size output,
    double factor,
    List<Double> mean,
    List<Double> std) {
  private static final double BYTE = 1 / 255.0;

  /** Maximum edge length in pixels: a batch of larger images would not fit into memory. */
  static final int LARGEST = 16_384;

  /** Limit of factors, means and deviations: larger values leave the range of FLOAT32. */
  private static final double LARGEST_VALUE = 1e6;

  private static final List<Double> ZEROS = List.of(0.0, 0.0, 0.0);
  private static final List<Double> HALVES = List.of(0.5, 0.5, 0.5);
  private static final List<Double> ONES = List.of(1.0, 1.0, 1.0);

  /** A size in pixels. */
  record Size(int width, int height) {}

  /** The target size for an image. */
  sealed interface Resizing {
    Size of(int width, int height);

    /** One size for all; the aspect ratio may change. */
    record Exact(Size size) implements Resizing {
      @Override
      public Size of(int width, int height) {
        return size;
      }
    }

    /** A length for the shorter edge; the aspect ratio is kept. */
    record ShortestEdge(int pixels) implements Resizing {
      @Override
      public Size of(int width, int height) {
        int longer = (int) ((double) pixels * Math.max(width, height) / Math.min(width, height));
        return width <= height ? new Size(pixels, longer) : new Size(longer, pixels);
      }
    }
  }

  /** transformers' default for ViT. */
  static ImageSteps standard(int pixels) {
    Size size = new Size(pixels, pixels);
    return new ImageSteps(
        new Resizing.Exact(size), Filter.BILINEAR, false, size, BYTE, HALVES, HALVES);
  }

  static ImageSteps of(ModelConfig config) {
    boolean cropping = config.flag("do_center_crop", false);
    boolean resizing = config.flag("do_resize", true);
    Resizing resize = resizing(config);
    Size output;
    if (cropping) {
      Resizing crop = size(config, config.has("crop_size") ? "crop_size" : "size");
      output = crop.of(1, 1);
    } else if (resize instanceof Resizing.Exact(Size size)) {
      output = size;
    } else {
      throw wrong(
          config,
          "size is a shortest_edge without do_center_crop, which leaves images of any shape");
    }
    boolean normalize = config.flag("do_normalize", true);
    return new ImageSteps(
        resizing ? resize : null,
        filter(config),
        cropping,
        output,
        config.flag("do_rescale", true) ? factor(config) : 1,
        normalize ? channels(config, "image_mean", HALVES) : ZEROS,
        normalize ? channels(config, "image_std", HALVES) : ONES);
  }

  private static Resizing resizing(ModelConfig config) {
    return config.has("size") ? size(config, "size") : new Resizing.Exact(new Size(224, 224));
  }

  /** A number, {@code {height, width}} or {@code {shortest_edge}}. */
  private static Resizing size(ModelConfig config, String key) {
    JsonNode size = config.json().path(key);
    if (pixels(size) > 0) {
      return new Resizing.Exact(new Size(pixels(size), pixels(size)));
    }
    int height = pixels(size.path("height"));
    int width = pixels(size.path("width"));
    if (height > 0 && width > 0) {
      return new Resizing.Exact(new Size(width, height));
    }
    int edge = pixels(size.path("shortest_edge"));
    if (edge > 0 && size.size() == 1) {
      return new Resizing.ShortestEdge(edge);
    }
    throw wrong(
        config,
        "%s is %s, expected a number of pixels, {height, width} or {shortest_edge}, each 1 to %,d"
            .formatted(key, size, LARGEST));
  }

  /** An integer in range; 0 for anything else. */
  private static int pixels(JsonNode node) {
    boolean fits = node.isIntegralNumber() && node.canConvertToInt();
    return fits && node.intValue() > 0 && node.intValue() <= LARGEST ? node.intValue() : 0;
  }

  private static double factor(ModelConfig config) {
    double factor = config.number("rescale_factor", BYTE);
    if (!(factor > 0 && factor <= LARGEST_VALUE)) {
      throw wrong(
          config,
          "rescale_factor is %s, expected more than 0 and at most %s"
              .formatted(factor, LARGEST_VALUE));
    }
    return factor;
  }

  private static Filter filter(ModelConfig config) {
    int resample = config.integer("resample", 2);
    Filter filter = Filter.of(resample);
    if (filter == null) {
      throw wrong(
          config,
          "resample is %d, expected 0 nearest, 1 lanczos, 2 bilinear, 3 bicubic, 4 box or 5 hamming"
              .formatted(resample));
    }
    return filter;
  }

  private static List<Double> channels(ModelConfig config, String key, List<Double> otherwise) {
    JsonNode values = config.json().path(key);
    if (values.isMissingNode() || values.isNull()) {
      return otherwise;
    }
    boolean numbers = values.isArray() && values.size() == Picture.CHANNELS;
    for (JsonNode value : values) {
      double number = value.doubleValue();
      numbers &= value.isNumber() && Math.abs(number) <= LARGEST_VALUE;
      numbers &= !key.endsWith("std") || number >= 1 / LARGEST_VALUE;
    }
    if (!numbers) {
      throw wrong(
          config,
          "%s is %s, expected three numbers%s, none beyond %s"
              .formatted(key, values, key.endsWith("std") ? " above 0" : "", LARGEST_VALUE));
    }
    return List.of(
        values.get(0).doubleValue(), values.get(1).doubleValue(), values.get(2).doubleValue());
  }

  private static FormatException wrong(ModelConfig config, String problem) {
    return new FormatException(
        config.source(), problem + ".", "Use the file that came with the model.");
  }

  ImageSteps withSize(int pixels) {
    Size size = new Size(pixels, pixels);
    boolean edge = resize instanceof Resizing.ShortestEdge;
    return new ImageSteps(
        edge ? new Resizing.ShortestEdge(pixels) : new Resizing.Exact(size),
        filter,
        centerCrop,
        size,
        factor,
        mean,
        std);
  }

  /** The result for each of the 256 values of a channel. */
  float[] table(int channel) {
    float[] table = new float[256];
    float average = mean.get(channel).floatValue();
    float deviation = std.get(channel).floatValue();
    for (int value = 0; value < table.length; value++) {
      table[value] = ((float) (value * factor) - average) / deviation;
    }
    return table;
  }
}
