package dev.jlora.spi;

import com.google.inject.Binder;
import com.google.inject.multibindings.MapBinder;
import dev.jlora.model.tree.Layer;

/**
 * Binds the parts of a plugin, each under its own name. A part that needs other services is bound
 * by its class to {@link #in}, and created by Guice.
 */
public final class Contributions {
  private final Binder binder;

  private Contributions(Binder binder) {
    this.binder = binder;
  }

  /** Starts binding; call it from {@code configure}. */
  public static Contributions of(Binder binder) {
    return new Contributions(binder.skipSources(Contributions.class));
  }

  /** The map of all parts of one kind, by name. */
  public <T> MapBinder<String, T> in(Class<T> kind) {
    return MapBinder.newMapBinder(binder, String.class, kind);
  }

  /** Binds a model family under its {@code model_type}. */
  public Contributions family(ModelFamily family) {
    return add(ModelFamily.class, family.modelType(), family);
  }

  /** Binds an adapter method under its name. */
  public Contributions adapter(AdapterMethod<?> method) {
    return add(AdapterMethod.class, method.name(), method);
  }

  /** Binds a task under its name. */
  public Contributions task(Task task) {
    return add(Task.class, task.name(), task);
  }

  /** Binds a metric under its name. */
  public Contributions metric(Metric metric) {
    return add(Metric.class, metric.name(), metric);
  }

  /** Binds an optimizer under its name. */
  public Contributions optimizer(OptimizerFactory optimizer) {
    return add(OptimizerFactory.class, optimizer.name(), optimizer);
  }

  /** Binds a schedule under its name. */
  public Contributions schedule(ScheduleFactory schedule) {
    return add(ScheduleFactory.class, schedule.name(), schedule);
  }

  /** Binds a dataset format under its name. */
  public Contributions format(DatasetFormat format) {
    return add(DatasetFormat.class, format.name(), format);
  }

  /**
   * Binds how a kind of layer is lowered to a target.
   *
   * @param kind the layer's class; its subclasses, if any, need their own
   */
  public <L extends Layer, G, V> Contributions lowering(
      LoweringTarget<G, V> target, Class<L> kind, Lowering<L, G, V> lowering) {
    return add(Lowering.class, target.key(kind), lowering);
  }

  /** Binds a part of any kind under a name, such as a callback. */
  public <T> Contributions add(Class<T> kind, String name, T part) {
    in(kind).addBinding(name).toInstance(part);
    return this;
  }
}
