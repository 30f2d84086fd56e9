package dev.jlora.vit;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;

/** Brings the ViT family. */
public final class ViTPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Parts.of(binder).family(new ViTFamily());
  }
}
