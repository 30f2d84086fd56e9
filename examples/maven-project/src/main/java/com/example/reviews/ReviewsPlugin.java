package com.example.reviews;

import com.google.inject.Binder;
import dev.jlora.spi.CallbackFactory;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** An optimizer and a callback. */
public final class ReviewsPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder)
        .optimizer(new LionFactory())
        .add(CallbackFactory.class, "csv-log", new CsvLogFactory());
  }
}
