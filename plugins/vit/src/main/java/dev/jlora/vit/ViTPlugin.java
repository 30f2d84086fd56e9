package dev.jlora.vit;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** The ViT family. */
public final class ViTPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder).family(new ViTFamily());
  }
}
