package dev.jlora.spi;

import dev.jlora.spec.Spec;
import org.jspecify.annotations.Nullable;

/** A part that may have parameters of its own in a job. */
public interface Parameterized {

  /**
   * The record of its parameters, with a public static {@code defaults()}; {@link
   * dev.jlora.spec.PartSpec#parametersAs} creates it from a job's values. Null for a part without
   * parameters.
   */
  default @Nullable Class<? extends Spec> parametersType() {
    return null;
  }
}
