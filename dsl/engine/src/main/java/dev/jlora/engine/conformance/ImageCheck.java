package dev.jlora.engine.conformance;

import dev.jlora.data.image.ImageProcessor;
import dev.jlora.data.image.Picture;
import dev.jlora.engine.conformance.Comparison.Tolerance;
import dev.jlora.io.SafetensorsFile;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;

/** An image file and its preprocessor_config.json: compares the pixel values for the model. */
final class ImageCheck {
  private static final String IMAGE = "image.png";
  private static final String PIXELS = "pixel_values";

  private final ReferenceCase reference;

  ImageCheck(ReferenceCase reference) {
    this.reference = reference;
  }

  CaseResult run() {
    Comparison comparison = new Comparison();
    ImageProcessor processor = ImageProcessor.of(reference.folder());
    Picture picture = Picture.read(reference.folder().resolve(IMAGE));
    float[] values = processor.pixels(picture);
    try (SafetensorsFile expected = reference.expected();
        Scope scope = Scope.open()) {
      for (String name : expected.entries().keySet()) {
        if (!name.equals(PIXELS)) {
          comparison.problem("%s: an expectation that this check does not know".formatted(name));
        }
      }
      Tensor actual = Tensor.of(values, 1, 3, processor.height(), processor.width());
      Tensor wanted = expected.tensor(PIXELS);
      comparison.tensor(PIXELS, actual, wanted, Tolerance.absolute(reference.tolerance("abs")));
      comparison.number(
          "mean deviation",
          meanDeviation(values, wanted.toFloats()),
          0,
          Tolerance.absolute(reference.tolerance("mean_abs")));
    }
    return comparison.result(reference.name(), reference.kind());
  }

  private static double meanDeviation(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      return Double.NaN;
    }
    double sum = 0;
    for (int i = 0; i < actual.length; i++) {
      sum += Math.abs(actual[i] - expected[i]);
    }
    return sum / actual.length;
  }
}
