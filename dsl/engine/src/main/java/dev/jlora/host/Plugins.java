package dev.jlora.host;

import dev.jlora.spec.SpecTypes;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Lowering;
import dev.jlora.spi.LoweringTarget;
import dev.jlora.spi.Lowerings;
import dev.jlora.spi.Metric;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ScheduleFactory;
import dev.jlora.spi.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** All parts of plugins, found once and created on demand. Thread-safe. */
public final class Plugins {
  private final List<FoundPlugin> found;
  private final Catalog catalog;

  private Plugins(List<FoundPlugin> found, Catalog catalog) {
    this.found = List.copyOf(found);
    this.catalog = catalog;
  }

  /**
   * The plugins of this process: those on the class path and those in {@link PluginFolder}. They
   * are searched on the first call, which logs warnings.
   *
   * @throws PluginException if one cannot be used, or a name is used twice, listing every such
   *     plugin and its jar
   */
  public static Plugins load() {
    return Holder.PLUGINS;
  }

  /** The plugins that {@code parent} sees, and those in the jars of {@code folder}. */
  static Plugins load(ClassLoader parent, Path folder) {
    return of(PluginFinder.search(parent, folder));
  }

  /** Only these plugins, for tests. */
  public static Plugins of(JloraPlugin... plugins) {
    return of(
        new PluginSearch(
            List.of(plugins).stream().map(FoundPlugin::of).toList(), List.of(), List.of()));
  }

  private static Plugins of(PluginSearch search) {
    search
        .warnings()
        .forEach(warning -> LoggerFactory.getLogger(Plugins.class).warn("{}", warning));
    Catalog catalog = Catalog.of(search.found());
    List<PluginException> problems = new ArrayList<>(search.problems());
    problems.addAll(catalog.problems());
    if (problems.size() == 1) {
      throw problems.getFirst();
    }
    if (!problems.isEmpty()) {
      PluginException all =
          new PluginException(
              problems.stream().map(Throwable::getMessage).collect(Collectors.joining("\n")),
              problems.getFirst());
      problems.stream().skip(1).forEach(all::addSuppressed);
      throw all;
    }
    return new Plugins(search.found(), catalog);
  }

  /** The plugins, in the order they were found. */
  public List<FoundPlugin> found() {
    return found;
  }

  public Registry<ModelFamily> families() {
    return parts(ModelFamily.class);
  }

  @SuppressWarnings("unchecked") // a class object says nothing of the spec
  public Registry<AdapterMethod<?>> adapters() {
    return parts((Class<AdapterMethod<?>>) (Class<?>) AdapterMethod.class);
  }

  public Registry<Task> tasks() {
    return parts(Task.class);
  }

  public Registry<Metric> metrics() {
    return parts(Metric.class);
  }

  public Registry<OptimizerFactory> optimizers() {
    return parts(OptimizerFactory.class);
  }

  public Registry<ScheduleFactory> schedules() {
    return parts(ScheduleFactory.class);
  }

  public Registry<DatasetFormat> formats() {
    return parts(DatasetFormat.class);
  }

  /** The lowerings to a target, those of all plugins. */
  @SuppressWarnings("unchecked") // a class object says nothing of the kind of layer
  public <G, V> Lowerings<G, V> lowerings(LoweringTarget<G, V> target) {
    return Lowerings.of(target, parts((Class<Lowering<?, ?, ?>>) (Class<?>) Lowering.class)::find);
  }

  /** The spec types of the parts, as needed to read a job. */
  public SpecTypes specTypes() {
    return new PluginTypes(this);
  }

  /** The names of a plugin's parts, by kind. */
  public Map<String, List<String>> broughtBy(FoundPlugin plugin) {
    return catalog.of(plugin);
  }

  /** All parts of one kind, which may be declared above this package. */
  public <T> Registry<T> parts(Class<T> kind) {
    String name = Catalog.kind(kind);
    return new Registry<>(name, kind, catalog.parts(name));
  }

  /** All parts of a kind by its name. */
  Registry<Object> parts(String kind) {
    return new Registry<>(kind, Object.class, catalog.parts(kind));
  }

  private static final class Holder {
    static final Plugins PLUGINS = of(PluginSearch.inPlace());
  }
}
