package com.example.twin;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;

/** Brings the Twin family. */
public final class TwinPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Parts.of(binder).family(new TwinFamily());
  }
}
