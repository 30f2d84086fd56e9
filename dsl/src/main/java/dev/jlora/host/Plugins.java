package dev.jlora.host;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.Stage;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.MapBinder;
import com.google.inject.spi.Elements;
import com.google.inject.util.Types;
import dev.jlora.spec.AdapterSpec;
import dev.jlora.spi.AdapterMethod;
import dev.jlora.spi.DatasetFormat;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.Metric;
import dev.jlora.spi.ModelFamily;
import dev.jlora.spi.OptimizerFactory;
import dev.jlora.spi.ScheduleFactory;
import dev.jlora.spi.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All parts that plugins bring, found once and put together in one injector. Thread-safe. */
public final class Plugins {
  private final List<FoundPlugin> found;
  private final Injector injector;

  private Plugins(List<FoundPlugin> found, Injector injector) {
    this.found = List.copyOf(found);
    this.injector = injector;
  }

  /**
   * The plugins of this process: those on the class path and those in {@link PluginFolder}. They
   * are looked for at the first call.
   *
   * @throws PluginException if one cannot be loaded, or a name is claimed twice
   */
  public static Plugins load() {
    return Holder.PLUGINS;
  }

  /** The plugins that {@code parent} sees, and those in the jars of {@code folder}. */
  static Plugins load(ClassLoader parent, Path folder) {
    return of(PluginFinder.find(parent, folder));
  }

  /** Exactly these plugins, as in a test. */
  public static Plugins of(JloraPlugin... plugins) {
    return of(List.of(plugins).stream().map(FoundPlugin::of).toList());
  }

  private static Plugins of(List<FoundPlugin> plugins) {
    Claims claims = new Claims();
    List<Module> modules = new ArrayList<>();
    modules.add(new Host());
    for (FoundPlugin plugin : plugins) {
      modules.add(Elements.getModule(claims.add(plugin)));
    }
    claims.check();
    return new Plugins(plugins, Guice.createInjector(Stage.DEVELOPMENT, modules));
  }

  /** The plugins, in the order they were found. */
  public List<FoundPlugin> found() {
    return found;
  }

  public Registry<ModelFamily> families() {
    return registry(ModelFamily.class);
  }

  public Registry<AdapterMethod> adapters() {
    return registry(AdapterMethod.class);
  }

  public Registry<Task> tasks() {
    return registry(Task.class);
  }

  public Registry<Metric> metrics() {
    return registry(Metric.class);
  }

  public Registry<OptimizerFactory> optimizers() {
    return registry(OptimizerFactory.class);
  }

  public Registry<ScheduleFactory> schedules() {
    return registry(ScheduleFactory.class);
  }

  public Registry<DatasetFormat> formats() {
    return registry(DatasetFormat.class);
  }

  /** The spec types of the adapter methods, by name: what reading a job needs. */
  public Map<String, Class<? extends AdapterSpec>> adapterSpecs() {
    Map<String, Class<? extends AdapterSpec>> types = new HashMap<>();
    adapters().all().forEach(method -> types.put(method.name(), method.specType()));
    return types;
  }

  /** All parts of one kind. */
  @SuppressWarnings("unchecked")
  private <T> Registry<T> registry(Class<T> kind) {
    var type = (TypeLiteral<Map<String, T>>) TypeLiteral.get(Types.mapOf(String.class, kind));
    return new Registry<>(Kinds.label(kind), injector.getInstance(Key.get(type)));
  }

  /** Declares every kind, so that one nobody brings is an empty map. */
  private static final class Host extends AbstractModule {
    @Override
    protected void configure() {
      Kinds.LABELS.keySet().forEach(this::declare);
    }

    private void declare(Class<?> kind) {
      MapBinder.newMapBinder(binder(), String.class, kind);
    }
  }

  private static final class Holder {
    static final Plugins PLUGINS = load(Plugins.class.getClassLoader(), PluginFolder.path());
  }
}
