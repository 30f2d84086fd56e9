package com.example.gated;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** Registers the gated scale. */
public final class GatedScalePlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder).adapter(new GatedScaleMethod());
  }
}
