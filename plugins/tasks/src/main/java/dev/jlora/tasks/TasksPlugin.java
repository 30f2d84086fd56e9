package dev.jlora.tasks;

import com.google.inject.Binder;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Parts;
import dev.jlora.tasks.metrics.Metrics;

/** Classification of sequences and tokens, masked words, answers; and the metrics for them. */
public final class TasksPlugin implements JloraPlugin {

  @Override
  public void configure(Binder binder) {
    Parts parts = Parts.of(binder);
    Tasks.all().forEach(parts::task);
    Metrics.all().forEach(parts::metric);
  }
}
