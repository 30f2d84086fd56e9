package dev.jlora.tasks;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.tasks.metrics.Metrics;

/**
 * Tasks (classification of sequences, tokens and images, masked and causal language modelling,
 * question answering, feature extraction) and their metrics.
 */
public final class TasksPlugin implements JloraPlugin {

  @Override
  public void configure(Binder binder) {
    Contributions parts = Contributions.of(binder);
    Tasks.all().forEach(parts::task);
    Metrics.all().forEach(parts::metric);
  }
}
