package dev.jlora.optimizers;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/**
 * AdamW, also with 8-bit states, LoRA+, LoRA-FA, Adam and SGD; constant, linear and cosine
 * schedules.
 */
public final class OptimizersPlugin implements JloraPlugin {

  @Override
  public void configure(Binder binder) {
    Contributions parts = Contributions.of(binder);
    Optimizers.all().forEach(parts::optimizer);
    Schedules.all().forEach(parts::schedule);
  }
}
