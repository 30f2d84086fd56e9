package com.example.twin;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** Registers the Twin family. */
public final class TwinPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder).family(new TwinFamily());
  }
}
