package dev.jlora.bert;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;

/** Brings the BERT family. */
public final class BertPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Parts.of(binder).family(new BertFamily());
  }
}
