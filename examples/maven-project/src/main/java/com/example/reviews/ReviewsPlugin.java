package com.example.reviews;

import com.google.inject.Binder;
import dev.jlora.spi.CallbackFactory;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;

/** Brings an optimizer and a callback. */
public final class ReviewsPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Parts.of(binder)
        .optimizer(new LionFactory())
        .add(CallbackFactory.class, "csv-log", new CsvLogFactory());
  }
}
