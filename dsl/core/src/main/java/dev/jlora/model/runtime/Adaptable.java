package dev.jlora.model.runtime;

import dev.jlora.model.Parameter;
import dev.jlora.model.TargetModule;
import org.jspecify.annotations.Nullable;

/** A layer that an adapter can attach to: a linear, an embedding, a convolution. */
public interface Adaptable extends Module {

  /** The path, kind and sizes of the module. */
  TargetModule target();

  Parameter weight();

  @Nullable Parameter bias();

  /** The weight if it is that of another layer; null if the module has one of its own. */
  default @Nullable TiedWeight tied() {
    return null;
  }

  /** The module's name in the checkpoint. */
  default String path() {
    return target().path();
  }

  default long in() {
    return target().in();
  }

  default long out() {
    return target().out();
  }

  /** Whether the weight is stored [in, out]. */
  default boolean transposed() {
    return target().transposed();
  }
}
