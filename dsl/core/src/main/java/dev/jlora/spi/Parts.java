package dev.jlora.spi;

import com.google.inject.Binder;
import com.google.inject.multibindings.MapBinder;

/**
 * Binds what a plugin brings, each part under its own name. A part that needs other services is
 * bound by its class to {@link #in}, and Guice makes it.
 */
public final class Parts {
  private final Binder binder;

  private Parts(Binder binder) {
    this.binder = binder;
  }

  /** Starts binding, from {@code configure}. */
  public static Parts of(Binder binder) {
    return new Parts(binder.skipSources(Parts.class));
  }

  /** The map of all parts of one kind, by name. */
  public <T> MapBinder<String, T> in(Class<T> kind) {
    return MapBinder.newMapBinder(binder, String.class, kind);
  }

  /** Binds a model family under its {@code model_type}. */
  public Parts family(ModelFamily family) {
    return add(ModelFamily.class, family.modelType(), family);
  }

  /** Binds an adapter method under its name. */
  public Parts adapter(AdapterMethod method) {
    return add(AdapterMethod.class, method.name(), method);
  }

  /** Binds a task under its name. */
  public Parts task(Task task) {
    return add(Task.class, task.name(), task);
  }

  /** Binds a metric under its name. */
  public Parts metric(Metric metric) {
    return add(Metric.class, metric.name(), metric);
  }

  /** Binds an optimizer under its label. */
  public Parts optimizer(OptimizerFactory optimizer) {
    return add(OptimizerFactory.class, optimizer.label(), optimizer);
  }

  /** Binds a schedule under its label. */
  public Parts schedule(ScheduleFactory schedule) {
    return add(ScheduleFactory.class, schedule.label(), schedule);
  }

  /** Binds a dataset format under its name. */
  public Parts format(DatasetFormat format) {
    return add(DatasetFormat.class, format.name(), format);
  }

  /** Binds a part of any kind under a name, such as a callback. */
  public <T> Parts add(Class<T> kind, String name, T part) {
    in(kind).addBinding(name).toInstance(part);
    return this;
  }
}
