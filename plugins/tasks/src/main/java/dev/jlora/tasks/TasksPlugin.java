package dev.jlora.tasks;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;
import dev.jlora.tasks.metrics.Metrics;

/** Classification of sequences, tokens and images, masked words, answers; and their metrics. */
public final class TasksPlugin implements JloraPlugin {

  @Override
  public void configure(Binder binder) {
    Parts parts = Parts.of(binder);
    Tasks.all().forEach(parts::task);
    Metrics.all().forEach(parts::metric);
  }
}
