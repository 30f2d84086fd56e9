package dev.jlora.gpt;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;

/** Brings the GPT-2 family. */
public final class GptPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Parts.of(binder).family(new Gpt2Family());
  }
}
