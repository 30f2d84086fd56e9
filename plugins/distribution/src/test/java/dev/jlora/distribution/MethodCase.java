package dev.jlora.distribution;

import dev.jlora.spec.AdapterSpec;
import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.Targets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An adapter method with its settings, and what holds for it: a line of {@link MethodTable}.
 *
 * @param spec small enough for {@link SingleModule}
 * @param forms the kinds of modules that it attaches to
 * @param neutral whether a new adapter leaves the outputs unchanged
 * @param mergeable whether it can be merged into the weights
 * @param formula the output of a linear module in plain arithmetic; null if a test of its own has
 *     it
 */
record MethodCase(
    String title,
    AdapterSpec spec,
    List<Form> forms,
    boolean neutral,
    boolean mergeable,
    @Nullable Formula formula) {

  /** A kind of module: {@link SingleModule} has one of each. */
  enum Form {
    LINEAR,
    /** A linear whose weight is stored [in, out]. */
    TRANSPOSED,
    CONVOLUTION,
    NORM
  }

  /** The output of one row. */
  @FunctionalInterface
  interface Formula {
    /**
     * @param w the weight [out][in], however the module stores it
     * @param b the bias
     * @param own the adapter's parameters by name, relative to the module
     * @param x [in]
     * @return [out]
     */
    double[] output(double[][] w, double[] b, Map<String, Values> own, double[] x);
  }

  /** A tensor's elements, in C order. */
  record Values(double[] elements, long[] shape) {
    double at(int i) {
      return elements[i];
    }

    double at(int row, int column) {
      return elements[(int) (row * shape[1] + column)];
    }
  }

  /** A case that starts neutral and can be merged. */
  static MethodCase of(String title, AdapterSpec spec, Form... forms) {
    return new MethodCase(title, spec, List.of(forms), true, true, null);
  }

  /** This case with a formula for a linear module. */
  MethodCase with(Formula plain) {
    return new MethodCase(title, spec, forms, neutral, mergeable, plain);
  }

  /** This case, whose new adapters change the outputs. */
  MethodCase changing() {
    return new MethodCase(title, spec, forms, false, mergeable, formula);
  }

  /** This case, which cannot be merged. */
  MethodCase unmergeable() {
    return new MethodCase(title, spec, forms, neutral, false, formula);
  }

  /** The spec with these targets. */
  @SuppressWarnings("unchecked") // a spec's class makes specs of this type
  AdapterSpec on(String... targets) {
    return PartialSpec.of((Class<AdapterSpec>) spec.getClass())
        .over(spec)
        .with("targetModules", Targets.names(targets))
        .build();
  }

  @Override
  public String toString() {
    return title;
  }
}
