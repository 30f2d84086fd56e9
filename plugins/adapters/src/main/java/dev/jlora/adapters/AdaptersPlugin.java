package dev.jlora.adapters;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;

/** Brings the adapter methods. */
public final class AdaptersPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Parts.of(binder).adapter(new LoraMethod());
  }
}
