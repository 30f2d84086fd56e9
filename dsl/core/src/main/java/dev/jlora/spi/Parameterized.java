package dev.jlora.spi;

import dev.jlora.spec.Spec;
import org.jspecify.annotations.Nullable;

/** A part that may have parameters of its own, which a job gives beside the part's name. */
public interface Parameterized {

  /**
   * The record of its parameters, with a public static {@code defaults()}; {@link
   * dev.jlora.spec.PartSpec#parametersAs} makes it of what a job says. Null for a part without any.
   */
  default @Nullable Class<? extends Spec> parametersType() {
    return null;
  }
}
