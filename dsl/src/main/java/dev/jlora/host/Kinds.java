package dev.jlora.host;

import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.Metric;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ScheduleFactory;
import dev.jlora.spi.Task;
import java.util.LinkedHashMap;
import java.util.Map;

/** The kinds of parts a plugin can bring, and what they are called. */
final class Kinds {
  static final Map<Class<?>, String> LABELS = new LinkedHashMap<>();

  static {
    LABELS.put(ModelFamily.class, "model family");
    LABELS.put(AdapterMethod.class, "adapter method");
    LABELS.put(Task.class, "task");
    LABELS.put(Metric.class, "metric");
    LABELS.put(OptimizerFactory.class, "optimizer");
    LABELS.put(ScheduleFactory.class, "schedule");
    LABELS.put(DatasetFormat.class, "dataset format");
  }

  private Kinds() {}

  static String label(Class<?> kind) {
    return LABELS.getOrDefault(kind, kind.getSimpleName());
  }
}
